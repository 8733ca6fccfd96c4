/** The offline health check itself, which the entry point loads. It contacts no host. */
import type { StartedDerivation } from "@proxmox-mcp/crypto";
import { STDOUT, writeStream } from "@proxmox-mcp/crypto/files";
import { isOn } from "@proxmox-mcp/crypto/internal";
import { answer } from "../answer.ts";
import { loadConfig } from "../config/load.ts";
import { type Environment, takeEnvironment } from "../environment.ts";
import { reportFailure } from "../failure.ts";
import { parseOptions } from "../options.ts";
import { renderJson, renderText } from "./render.ts";
import { type Report, reportOf } from "./report.ts";

/** Runs the check in this process, and ends it. */
export async function run(argv: readonly string[], started?: StartedDerivation): Promise<void> {
  try {
    process.exitCode = await checked(argv, started);
  } catch (error) {
    process.exitCode = reportFailure(error, argv, process.env["PROXMOX_MCP_DEBUG"]);
  }
}

async function checked(argv: readonly string[], started?: StartedDerivation): Promise<number> {
  const options = parseOptions(argv);
  if (answer(options)) return 0;
  const { config, keyFile, keyEnv, keyring, transport, json } = options;
  const env = takeEnvironment(process.env, keyEnv);
  const load = { config, keyFile, keyEnv, keyring, env, transport, started };
  const report = reportOf(await loadConfig(load), options);
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
