/**
 * The entry point of `proxmox-mcp-server --test`: an offline health check in a bundle of its own. It
 * contacts no host.
 */
import { isOn } from "@proxmox-mcp/crypto";
import { STDOUT, useEveryCore, writeStream } from "@proxmox-mcp/crypto/files";
import { answer } from "../answer.ts";
import { loadConfig } from "../config/load.ts";
import { type Environment, takeEnvironment } from "../environment.ts";
import { reportFailure } from "../failure.ts";
import { parseOptions } from "../options.ts";
import { renderJson, renderText } from "./render.ts";
import { type Report, reportOf } from "./report.ts";

async function main(argv: readonly string[]): Promise<number> {
  useEveryCore();
  const options = parseOptions(argv);
  if (answer(options)) return 0;
  const { config, keyFile, keyEnv, transport, json } = options;
  const env = takeEnvironment(process.env, keyEnv);
  const report = reportOf(await loadConfig({ config, keyFile, keyEnv, env, transport }), options);
  if (options.debug || isOn(env["PROXMOX_MCP_DEBUG"])) await log(report, env);
  writeStream(STDOUT, json ? renderJson(report) : renderText(report));
  return report.exitStatus;
}

async function log({ config, key, secrets, checks }: Report, env: Environment): Promise<void> {
  const { createLogger } = await import("../log/logger.ts");
  const logger = await createLogger({ debug: true, env });
  logger.log("debug", "config checked", {
    config,
    key,
    secrets: secrets.length,
    failed: checks.filter(({ status }) => status === "failed").map(({ name }) => name),
  });
}

const argv = process.argv.slice(2);
main(argv)
  .catch((error: unknown) => reportFailure(error, argv, process.env["PROXMOX_MCP_DEBUG"]))
  .then((status) => {
    process.exitCode = status;
  });
