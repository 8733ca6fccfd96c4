/** The entry point of proxmox-mcp-encrypt. */
import { createProcessIo } from "./process-io.ts";
import { run } from "./run.ts";

// A warning about a package inside this bundle helps no user, and an error is exactly one line.
process.noDeprecation = true;

void run(process.argv.slice(2), createProcessIo()).then((status) => {
  process.exitCode = status;
  // All output is written, and nothing waits when this is told. What is left is to take V8 and its heap
  // apart, piece by piece, which the system does faster. Not before the run has ended: a prompt whose
  // terminal is gone learns of it when the process ends by itself, and has to say so.
  process.once("beforeExit", () => {
    // biome-ignore lint/plugin: this is the entry point, and its output has drained
    process.exit();
  });
});
