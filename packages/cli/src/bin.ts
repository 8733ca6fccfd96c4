/** The entry point of proxmox-mcp-encrypt. */
import { createProcessIo } from "./process-io.ts";
import { run } from "./run.ts";

// A warning about a package inside this bundle helps no user, and an error is exactly one line.
process.noDeprecation = true;

// Nothing waits by then, and all output is written: what is left is to take V8 and its heap apart, piece
// by piece, which the system does faster.
process.once("beforeExit", () => {
  // biome-ignore lint/plugin: this is the entry point, and its output has drained
  process.exit();
});

void run(process.argv.slice(2), createProcessIo()).then((status) => {
  process.exitCode = status;
});
