/** The entry point of proxmox-mcp-server, for all but `--test`: the binary leaves that to health/main.ts. */
import { Console } from "node:console";
import { isOn } from "@proxmox-mcp/crypto/internal";
import { answer } from "./answer.ts";
import { endProcess } from "./end.ts";
import { takeEnvironment } from "./environment.ts";
import { reportFailure } from "./failure.ts";
import { type Options, parseOptions } from "./options.ts";
import { endIfSignalled } from "./runtime/ending.ts";
import { hearHangUps } from "./runtime/hang-up.ts";

// A warning about a package inside this bundle helps nobody who runs it.
process.noDeprecation = true;

async function main(argv: readonly string[]): Promise<void> {
  const options = parseOptions(argv);
  if (answer(options)) return;
  endProcess(await start(options), "drained");
}

async function start({ debug, ...options }: Options): Promise<number> {
  const hangUps = hearHangUps();
  endIfSignalled();
  const env = takeEnvironment(process.env, options.keyEnv);
  const { createLogger } = await import("./log/logger.ts");
  const logger = await createLogger({ debug: debug || isOn(env["PROXMOX_MCP_DEBUG"]), env });
  // stdout belongs to the protocol, whatever a package prints.
  globalThis.console = new Console(process.stderr, process.stderr);
  process.on("uncaughtException", (error) => {
    logger.log("fatal", "the server fails", { error });
    endProcess(1, "now");
  });
  const { serve } = await import("./serve.ts");
  return await serve({ ...options, env, hangUps }, logger);
}

const argv = process.argv.slice(2);
main(argv).catch((error: unknown) => {
  endProcess(reportFailure(error, argv, process.env["PROXMOX_MCP_DEBUG"]), "drained");
});
