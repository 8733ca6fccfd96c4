/** The entry point of proxmox-mcp-server: a small dispatcher, so that each action loads its own code. */
import { STDERR, writeStream } from "@proxmox-mcp/crypto/files";
import { answer } from "./answer.ts";
import { reportFailure } from "./failure.ts";
import { parseOptions } from "./options.ts";

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes("--test")) {
    // An entry point of its own: loading it runs it, and it reads the arguments again.
    await import("./health/main.ts");
  } else if (!answer(parseOptions(argv))) {
    process.exitCode = 1;
    writeStream(
      STDERR,
      "Serving comes with the next release; `proxmox-mcp-server --test` checks a config now.\n",
    );
  }
}

const argv = process.argv.slice(2);
main(argv).catch((error: unknown) => {
  process.exitCode = reportFailure(error, argv, process.env["PROXMOX_MCP_DEBUG"]);
});
