/** Every request, and what it passes, in this order. */
import type { ProxmoxSection } from "@proxmox-mcp/crypto/config";
import { stackOf } from "@proxmox-mcp/crypto/internal";
import { Hono } from "hono";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Readiness } from "../runtime/readiness.ts";
import type { Access } from "./access.ts";
import { authenticate } from "./authenticate.ts";
import { bodyLimit } from "./body-limit.ts";
import { countRequests } from "./count-requests.ts";
import type { Handler, HttpEnv } from "./environment.ts";
import { createFailureLog } from "./failure-log.ts";
import { hostAndOrigin } from "./host-and-origin.ts";
import { chargeFailure, limitAddress, limitClient } from "./limits.ts";
import { livez } from "./livez.ts";
import { metricsRoute } from "./metrics-route.ts";
import { network } from "./network.ts";
import { LIVEZ, METRICS, READYZ, ROUTES } from "./paths.ts";
import { readBody } from "./read-body.ts";
import { readyz, whereShown } from "./readyz.ts";
import { refuse } from "./refusal.ts";
import { requestIds } from "./request-id.ts";
import { createTokenBuckets } from "./token-bucket.ts";

/** What requests reach, and what is asked on the way there. */
export interface AppParts {
  /** Of the MCP endpoint. */
  readonly path: string;
  readonly mcp: Handler;
  /** The access rules of the config in force. */
  readonly access: () => Access;
  /** The Proxmox host of the config in force. */
  readonly proxmox: () => ProxmoxSection;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

/** How many clients and addresses are remembered by their limits. */
const REMEMBERED = 10_000;
/** What nginx made the custom for a client that is gone; nobody reads it but the metrics. */
const CLIENT_GONE = 499;

/** Puts the handlers in their order. */
export function createApp(parts: AppParts): Hono<HttpEnv> {
  const { path, mcp, proxmox, readiness, metrics, log, monotonic } = parts;
  const addresses = createTokenBuckets(REMEMBERED, monotonic);
  const clients = createTokenBuckets(REMEMBERED, monotonic);
  const charge = chargeFailure(addresses);
  const tellFailure = createFailureLog(log, monotonic);
  const apiKey = authenticate({
    failed(context) {
      const isShown = context.req.header("authorization") !== undefined;
      metrics.unauthenticated(isShown ? "wrong" : "none");
      if (isShown) tellFailure(context.var.address);
      charge(context);
    },
  });
  const limitPerAddress = limitAddress(addresses, () => metrics.limited("address"));
  const limitPerClient = limitClient(clients, () => metrics.limited("client"));
  const app = new Hono<HttpEnv>();

  app.use(countRequests(metrics, path));
  app.use(requestIds());
  app.use(inForce(parts));
  // Kubernetes sends its probes to the address of a pod.
  app.use(hostAndOrigin({ anyHost: [LIVEZ, READYZ] }));
  app.use(network());
  app.use(limitPerAddress);

  app.get(LIVEZ, livez);
  app.get(READYZ, whereShown(apiKey), readyz(readiness, proxmox));

  app.use(METRICS, apiKey, limitPerClient);
  app.get(METRICS, metricsRoute(metrics));

  app.use(path, apiKey, limitPerClient, bodyLimit(), readBody(), stillAllowed(parts, apiKey));
  app.all(path, mcp);

  for (const route of ROUTES.keys()) app.all(route, onlyGet);
  app.notFound((context) => refuse(context, "NOT_FOUND"));
  app.onError((error, context) => {
    // In the middle of its body, as a rule.
    if (context.req.raw.signal.aborted) return new Response(null, { status: CLIENT_GONE });
    log("error", "a request failed", { name: error.name, request: context.var.requestId });
    log("debug", "unexpected failure", { stack: stackOf(error) });
    return refuse(context, "UNEXPECTED");
  });
  return app;
}

/**
 * Sets what the others go by. Every answer gets the name of its request.
 */
function inForce({ path, access }: AppParts): Handler {
  return async (context, next) => {
    context.set("access", access());
    context.set("refusals", context.req.path === path ? "json-rpc" : "json");
    await next();
    const { headers } = context.res;
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Request-Id", context.var.requestId);
  };
}

/** A body may take its time. Whose key was removed meanwhile is refused. */
function stillAllowed({ access }: AppParts, apiKey: Handler): Handler {
  return async (context, next) => {
    const now = access();
    if (now === context.var.access) return await next();
    context.set("access", now);
    return await apiKey(context, next);
  };
}

const onlyGet: Handler = async (context) =>
  refuse(context, "METHOD_NOT_ALLOWED", { Allow: "GET, HEAD" });
