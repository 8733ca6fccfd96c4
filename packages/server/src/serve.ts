/** Serving MCP: from the config to the last answer. */
import { randomBytes } from "node:crypto";
import { formatError, type ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { defaultSections } from "@proxmox-mcp/crypto/config";
import { STDERR, useEveryCore, writeStream } from "@proxmox-mcp/crypto/files";
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import { type AuditSettings, openAuditLog } from "./audit/audit-log.ts";
import { configPath } from "./config/config-path.ts";
import { transportOf } from "./config/transport.ts";
import { accessProblems } from "./health/access-problems.ts";
import type { Logger } from "./log/logger.ts";
import { tlsWarning } from "./proxmox/client-options.ts";
import { createCurrent } from "./runtime/current.ts";
import type { OpenDeployment } from "./runtime/deployment.ts";
import type { HangUps } from "./runtime/hang-up.ts";
import { loadUsable, type UsableConfig, type UsableOptions } from "./runtime/load.ts";
import { openDeployment } from "./runtime/open.ts";
import { createReloader, type Reloader } from "./runtime/reload.ts";
import type { SimulatedHost } from "./runtime/simulated.ts";
import { watchFiles } from "./runtime/watch.ts";
import type { HttpPart } from "./serve-http.ts";
import { serveStdio } from "./serve-stdio.ts";
import { TOOLS } from "./tools/index.ts";

/** What is served, and how. */
export interface ServeOptions extends UsableOptions {
  /** Reload when a file changes, and not on SIGHUP alone. */
  readonly watch: boolean;
  /** Put the simulated cluster in the place of the host. */
  readonly testMode: boolean;
  readonly hangUps: HangUps;
}

/**
 * Serves until a signal comes, or over stdio the client is gone, and lets calls in flight finish.
 *
 * @returns the exit status: 0, or that of the health check for a config that cannot be served.
 * @throws ProxmoxMcpError LISTEN_FAILED
 */
export async function serve(options: ServeOptions, logger: Logger): Promise<number> {
  useEveryCore();
  const needsNoConfig = options.testMode && configPath(options) === "";
  const loaded = needsNoConfig ? undefined : await loadUsable(options);
  if (loaded !== undefined && "problems" in loaded) return refuseToServe(loaded.problems);
  const problems = loaded === undefined ? problemsWithoutConfig(options) : [];
  if (problems.length > 0) return refuseToServe(problems);

  const { log, offer } = logger;
  const now = () => new Date();
  const http = await httpPartOf(loaded, options);
  const simulated = options.testMode ? await startSimulated(logger) : undefined;
  const open = (config: UsableConfig | undefined) => {
    const deployment = openAndTell(config, simulated, logger);
    return http?.watch(deployment) ?? deployment;
  };
  const current = createCurrent(open(loaded), log);
  const audit = openAuditLog({
    settings: auditSettings(loaded),
    offer,
    log,
    now,
    random: randomBytes,
    ...(http && { listener: http.readiness }),
  });
  const apply = (next: UsableConfig): void => {
    current.replace(open(next));
    audit.follow(auditSettings(next));
  };
  // The transport stays, whatever a new config says.
  const transport = http === undefined ? ("stdio" as const) : ("http" as const);
  const load = () => loadUsable({ ...options, transport });
  const listener = http?.readiness;
  const reloader = loaded && createReloader({ files: loaded.files, load, apply, log, listener });
  const reopen = (): void => {
    logger.reopen();
    audit.reopen();
  };
  const stopReloading = startReloading(reloader, options, { log, reopen });
  const calls = new AbortController();
  const giveUp = () => calls.abort();
  const parts = {
    tools: TOOLS,
    deployments: current,
    recorders: [audit.recorder],
    log,
    now,
    random: randomBytes,
    giveUp: calls.signal,
  };
  try {
    if (http === undefined) await serveStdio(parts, giveUp);
    else await http.serve(parts, giveUp);
    return 0;
  } finally {
    stopReloading();
    audit.stop();
    await current.close();
    await simulated?.stop();
  }
}

function refuseToServe(problems: readonly ProxmoxMcpError[]): number {
  for (const problem of problems) writeStream(STDERR, `${formatError(problem)}\n`);
  const [first] = problems;
  return first === undefined ? EXIT_STATUS.UNEXPECTED : EXIT_STATUS[first.code];
}

/** What the defaults lack that is asked for: over HTTP there is no API key without a config. */
function problemsWithoutConfig(options: ServeOptions): readonly ProxmoxMcpError[] {
  return accessProblems(defaultSections(), (location) => ({ location }), options);
}

async function httpPartOf(
  loaded: UsableConfig | undefined,
  { transport, insecureNoAuth }: ServeOptions,
): Promise<HttpPart | undefined> {
  if (transportOf(loaded?.config, transport) !== "http") return undefined;
  const { createHttpPart } = await import("./serve-http.ts");
  return createHttpPart(loaded, insecureNoAuth);
}

function auditSettings(loaded: UsableConfig | undefined): AuditSettings {
  const { audit } = loaded?.config ?? defaultSections();
  return { ...audit, key: loaded?.auditKey };
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
  const deployment = openDeployment(config, loaded?.ca, loaded?.certificate);
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
  { log, reopen }: Pick<Logger, "log" | "reopen">,
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
