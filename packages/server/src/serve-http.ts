/** Serving MCP over HTTP. Loaded only where that is asked for. */
import type { HttpSessionParts } from "./http/session.ts";
import { openHttpSession } from "./http/session.ts";
import type { ServerParts } from "./mcp/factory.ts";
import { createMetrics } from "./metrics/prometheus.ts";
import type { OpenDeployment } from "./runtime/deployment.ts";
import { serveUntilEnd } from "./runtime/ending.ts";
import type { UsableConfig } from "./runtime/load.ts";
import { observed } from "./runtime/observed.ts";
import { createReadiness, type Readiness } from "./runtime/readiness.ts";
import { version } from "./version.ts";

/** A server over HTTP, from before there is anything to serve. */
export interface HttpPart {
  readonly readiness: Readiness;
  /** The same deployment, with calls to its host counted. */
  watch(deployment: OpenDeployment): OpenDeployment;
  /**
   * Serves until a signal comes.
   *
   * @param giveUp ends the calls in flight.
   * @throws ProxmoxMcpError LISTEN_FAILED
   */
  serve(parts: ServerParts, giveUp: () => void): Promise<void>;
}

/**
 * @param loaded the config that is served first; `undefined` without one, in test mode.
 * @param insecureNoAuth whether nobody is asked for an API key.
 */
export function createHttpPart(
  loaded: UsableConfig | undefined,
  insecureNoAuth: boolean,
): HttpPart {
  const now = () => new Date();
  const readiness = createReadiness(loaded, now);
  const metrics = createMetrics({
    state: () => readiness.state(),
    now,
    process: {
      version,
      started: Date.now() - process.uptime() * 1000,
      residentMemory: () => process.memoryUsage.rss(),
    },
  });
  return {
    readiness,
    watch: (deployment) =>
      observed(deployment, (outcome) => {
        readiness.hostCalled(deployment.config.proxmox, outcome);
        metrics.proxmoxCalled(outcome);
      }),
    async serve(parts, giveUp) {
      const { log, recorders } = parts;
      const sessionParts: HttpSessionParts = {
        ...parts,
        recorders: [...recorders, metrics],
        insecureNoAuth,
        readiness,
        metrics,
        monotonic: () => performance.now(),
      };
      const session = await openHttpSession(sessionParts);
      const { url, closed } = session;
      // Before that is told: who waits for it may send a signal at once.
      const ended = serveUntilEnd({ ...session, gone: closed }, giveUp, log);
      log("info", "serving over http", { url, version });
      if (insecureNoAuth) {
        log("warn", "nobody is asked for an API key: every user of this machine may call tools");
      }
      await ended;
    },
  };
}
