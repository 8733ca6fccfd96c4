/** The entry point of proxmox-mcp-encrypt. */
import { createProcessIo } from "./process-io.ts";
import { run } from "./run.ts";

// A warning about a package inside this bundle helps no user, and an error is exactly one line.
process.noDeprecation = true;

void run(process.argv.slice(2), createProcessIo()).then((status) => {
  process.exitCode = status;
});
