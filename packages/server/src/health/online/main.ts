/**
 * The entry point of `proxmox-mcp-server --test --online` and `test-connection`: what the offline
 * health check does, and then questions to the host. A bundle of its own, because the offline check
 * stays small.
 */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { STDOUT, useEveryCore, writeStream } from "@proxmox-mcp/crypto/files";
import { isOn } from "@proxmox-mcp/crypto/internal";
import { answer } from "../../answer.ts";
import { type LoadOptions, loadConfig } from "../../config/load.ts";
import { takeEnvironment } from "../../environment.ts";
import { reportFailure } from "../../failure.ts";
import { type Options, parseOptions } from "../../options.ts";
import { renderJson, renderText } from "../render.ts";
import { connectionJson, connectionText } from "./render-connection.ts";
import { testConnection } from "./test-connection.ts";
import { testOnline } from "./test-online.ts";

async function main(argv: readonly string[]): Promise<number> {
  useEveryCore();
  const options = parseOptions(argv);
  if (answer(options)) return 0;
  const { config, keyFile, keyEnv, keyring, transport } = options;
  const env = takeEnvironment(process.env, keyEnv);
  const load = { config, keyFile, keyEnv, keyring, env, transport };
  if (options.action === "test") return await test(options, load);
  if (options.action === "test-connection") return await connect(options, load);
  // The binary found the word among the arguments, where it stood for a file.
  throw new ProxmoxMcpError("USAGE", "test-connection must be the first word", {
    hint: "write ./test-connection for a file of that name",
  });
}

async function test(options: Options, load: LoadOptions): Promise<number> {
  const { json, debug } = options;
  const { report, verdict } = await testOnline(await loadConfig(load), options);
  const problems = report.checks.flatMap((check) => check.problems);
  await logCauses(problems, debug, load);
  writeStream(STDOUT, json ? renderJson(report) : renderText(report, verdict));
  return report.exitStatus;
}

async function connect(options: Options, load: LoadOptions): Promise<number> {
  const { json, debug, verbose, testMode } = options;
  // How clients would reach the server does not matter here.
  const asked = { ...load, transport: "stdio" as const, insecureNoAuth: false };
  const report = await testConnection(asked, { isThorough: verbose, testMode });
  await logCauses(report.problems, debug, load);
  writeStream(STDOUT, json ? connectionJson(report) : connectionText(report, verbose));
  return report.exitStatus;
}

/** The stacks behind the problems, for `--debug`. */
async function logCauses(
  problems: readonly unknown[],
  debug: boolean,
  { env }: LoadOptions,
): Promise<void> {
  if (problems.length === 0 || !(debug || isOn(env["PROXMOX_MCP_DEBUG"]))) return;
  const { createLogger } = await import("../../log/logger.ts");
  const { log } = await createLogger({ debug: true, env });
  for (const error of problems) log("debug", "a check failed", { error });
}

const argv = process.argv.slice(2);
main(argv)
  .catch((error: unknown) => reportFailure(error, argv, process.env["PROXMOX_MCP_DEBUG"]))
  .then((status) => {
    process.exitCode = status;
  });
