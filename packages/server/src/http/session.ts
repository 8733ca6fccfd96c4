/** MCP over HTTP: from listening to the last answer. */
import { getRequestListener } from "@hono/node-server";
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import type { Serving } from "../config/transport.ts";
import type { ServerParts } from "../mcp/factory.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Deployment, Deployments } from "../runtime/deployment.ts";
import type { Readiness } from "../runtime/readiness.ts";
import { accessOf } from "./access.ts";
import { createApp } from "./app.ts";
import { listen } from "./listen.ts";
import { createMcpRoute } from "./mcp-route.ts";
import { onPlaceChange } from "./place-change.ts";
import { refusalOf } from "./refusal.ts";
import { createRequestsInFlight } from "./requests-in-flight.ts";

/** What is served, and how. */
export interface HttpSessionParts extends ServerParts, Pick<Serving, "insecureNoAuth"> {
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

/** A server that listens. */
export interface HttpSession {
  /** Of the MCP endpoint. */
  readonly url: string;
  /** Settles once it listens no more. */
  readonly closed: Promise<void>;
  /** Takes no further connection, and settles once every request that came has its answer. */
  drain(): Promise<void>;
  /** Ends everything; requests that still run get no answer. */
  close(): Promise<void>;
}

/**
 * Listens where the config in force says, and follows every config after it but for its place.
 *
 * @param createRoute makes the MCP endpoint.
 * @throws ProxmoxMcpError LISTEN_FAILED
 */
export async function openHttpSession(
  parts: HttpSessionParts,
  createRoute: typeof createMcpRoute = createMcpRoute,
): Promise<HttpSession> {
  const { deployments, readiness, insecureNoAuth, log } = parts;
  const { config, certificate } = inForce(deployments);
  const { host, port, path } = config.http;
  const compile = (next: ServerConfig) => accessOf(next, { insecureNoAuth });
  let access = compile(config);
  const mcp = createRoute(parts);
  const app = createApp({
    ...parts,
    path,
    mcp: mcp.handler,
    access: () => access,
    proxmox: () => inForce(deployments).config.proxmox,
  });
  const requests = createRequestsInFlight();
  const handle = getRequestListener(app.fetch, { errorHandler: refuseUnreadable });
  const listening = await listen({ host, port, certificate, log }, requests, handle);
  const stopFollowing = deployments.onReplaced((next) => {
    access = compile(next.config);
    if (next.certificate !== undefined) listening.renew(next.certificate);
  });
  const stopTelling = onPlaceChange(config, deployments, log);
  return {
    url: `${listening.origin}${path}`,
    closed: listening.closed,
    async drain() {
      readiness.drains();
      requests.closeAfterwards();
      await mcp.endSubscriptions();
      await wholeTurn();
      listening.stop();
      await requests.idle();
    },
    async close() {
      stopFollowing();
      stopTelling();
      await mcp.close();
      await listening.destroy();
    },
  };
}

/** What has arrived is read within a turn of the event loop, before its connection seems idle. */
async function wholeTurn(): Promise<void> {
  // The first one may come at the end of the turn that is going on.
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

function inForce(deployments: Deployments): Deployment {
  const { deployment, release } = deployments.acquire();
  release();
  return deployment;
}

/** Answers what hono cannot make a request of, as with a Host header that is none. */
function refuseUnreadable(): Response {
  const refusal = refusalOf("BAD_REQUEST", "json");
  return new Response(refusal.body, refusal);
}
