/** The entry point of proxmox-mcp-server, for all but `--test`: the binary leaves that to health/main.ts. */
import { STDERR, writeStream } from "@proxmox-mcp/crypto/files";
import { answer } from "./answer.ts";
import { reportFailure } from "./failure.ts";
import { parseOptions } from "./options.ts";

function main(argv: readonly string[]): number {
  if (answer(parseOptions(argv))) return 0;
  writeStream(
    STDERR,
    "Serving comes with the next release; `proxmox-mcp-server --test` checks a config now.\n",
  );
  return 1;
}

const argv = process.argv.slice(2);
try {
  process.exitCode = main(argv);
} catch (error) {
  process.exitCode = reportFailure(error, argv, process.env["PROXMOX_MCP_DEBUG"]);
}
