/**
 * The entry point of `proxmox-mcp-server --test`: an offline health check in bundles of its own. It
 * begins what takes longest, on another thread, and loads the check meanwhile.
 */
import { useEveryCore } from "@proxmox-mcp/crypto/files";
import { deriveAhead } from "./derive-ahead.ts";

useEveryCore();
const argv = process.argv.slice(2);
const started = deriveAhead(argv, process.env);
void import("./program.ts").then(({ run }) => run(argv, started));
