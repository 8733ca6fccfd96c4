/** The entry point of proxmox-mcp-encrypt. */
import { createProcessIo } from "./process-io.ts";
import { run } from "./run.ts";

void run(process.argv.slice(2), createProcessIo()).then((status) => {
  process.exitCode = status;
});
