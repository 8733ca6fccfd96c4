/** Serving MCP over stdio: from the config to the last answer. */
import { formatError } from "@proxmox-mcp/crypto";
import { STDERR, useEveryCore, writeStream } from "@proxmox-mcp/crypto/files";
import { configPath } from "./config/files.ts";
import type { LoadOptions } from "./config/load.ts";
import { endWithin } from "./end.ts";
import type { Logger } from "./log/logger.ts";
import { createDrainingTransport } from "./mcp/draining-transport.ts";
import { openStdioSession } from "./mcp/stdio.ts";
import { tlsWarning } from "./proxmox/client-options.ts";
import { createCurrent } from "./runtime/current.ts";
import type { Deployments, OpenDeployment } from "./runtime/deployment.ts";
import { LONGEST_END, letFinish, waitForEnding } from "./runtime/ending.ts";
import type { HangUps } from "./runtime/hang-up.ts";
import { loadUsable, type UsableConfig } from "./runtime/load.ts";
import { openDeployment } from "./runtime/open.ts";
import { createReloader, type Reloader } from "./runtime/reload.ts";
import type { SimulatedHost } from "./runtime/simulated.ts";
import { watchFiles } from "./runtime/watch.ts";
import { TOOLS } from "./tools/index.ts";
import { version } from "./version.ts";

/** What is served, and how. */
export interface ServeOptions extends LoadOptions {
  /** Reload when a file changes, and not on SIGHUP alone. */
  readonly watch: boolean;
  /** Put the simulated cluster in the place of the host. */
  readonly testMode: boolean;
  readonly hangUps: HangUps;
}

/**
 * Serves until the client is gone or a signal comes, and lets calls in flight finish.
 *
 * @returns the exit status: 0, or that of the health check for a config that cannot be served.
 */
export async function serve(options: ServeOptions, logger: Logger): Promise<number> {
  useEveryCore();
  const needsNoConfig = options.testMode && configPath(options) === "";
  const loaded = needsNoConfig ? undefined : await loadUsable(options);
  if (loaded !== undefined && "problems" in loaded) {
    for (const problem of loaded.problems) writeStream(STDERR, `${formatError(problem)}\n`);
    return loaded.exitStatus;
  }
  const simulated = options.testMode ? await startSimulated(logger) : undefined;
  const open = (config: UsableConfig | undefined) => openAndTell(config, simulated, logger);
  const current = createCurrent(open(loaded), logger.log);
  const load = () => loadUsable(options);
  const apply = (next: UsableConfig) => current.replace(open(next));
  const reloader = loaded && createReloader({ files: loaded.files, load, apply, log: logger.log });
  const stopReloading = startReloading(reloader, options, logger);
  try {
    await serveClient(current, logger);
    return 0;
  } finally {
    stopReloading();
    await current.close();
    await simulated?.stop();
  }
}

async function startSimulated({ log }: Logger): Promise<SimulatedHost> {
  const { startSimulatedHost } = await import("./runtime/simulated.ts");
  const simulated = await startSimulatedHost();
  log("warn", "test mode: everything is simulated, and no Proxmox host is contacted");
  return simulated;
}

function openAndTell(
  loaded: UsableConfig | undefined,
  simulated: SimulatedHost | undefined,
  { log, follow }: Logger,
): OpenDeployment {
  const config = simulated?.place(loaded?.config) ?? loaded?.config;
  if (config === undefined) throw new TypeError("there is neither a config nor a simulated host");
  const deployment = openDeployment(config, loaded?.ca);
  follow(config.logging);
  for (const { code, message, where, hint } of loaded?.warnings ?? []) {
    log("warn", message, { code, ...where, hint });
  }
  const unverified = tlsWarning(config);
  if (unverified !== undefined) log("warn", unverified);
  return deployment;
}

function startReloading(
  reloader: Reloader | undefined,
  { watch, hangUps }: ServeOptions,
  { log, reopen }: Logger,
): () => void {
  const stopListening = hangUps.listen(() => {
    reopen();
    reloader?.reload();
  });
  const watched = reloader && watch ? watchFiles(reloader.files, reloader.check, log) : undefined;
  const lookAround = (): void => {
    watched?.update();
    // What changed since a file was read, before anybody watched it.
    reloader?.check();
  };
  if (watched !== undefined) {
    reloader?.onOtherFiles(lookAround);
    lookAround();
  }
  return () => {
    stopListening();
    watched?.close();
    reloader?.stop();
  };
}

async function serveClient(deployments: Deployments, { log }: Logger): Promise<void> {
  const transport = createDrainingTransport(process.stdin, process.stdout);
  const now = () => new Date();
  const calls = new AbortController();
  const parts = { tools: TOOLS, deployments, log, now, giveUp: calls.signal };
  const session = openStdioSession(parts, transport);
  log("info", "serving over stdio", { version });
  const ending = await waitForEnding(Promise.race([transport.ended, session.closed]));
  endWithin(LONGEST_END, 0);
  log("debug", "the server waits for calls in flight", { ending });
  const finished = await letFinish(transport.drain(), () => calls.abort());
  log("info", "the server ends", { ending, ...(finished ? {} : { given_up: "calls in flight" }) });
  await session.close();
  process.stdin.destroy();
}
