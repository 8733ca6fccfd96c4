/** Every request, and what it passes, in this order. */
import { stackOf } from "@proxmox-mcp/crypto";
import { Hono } from "hono";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Host, Readiness } from "../runtime/readiness.ts";
import type { Access } from "./access.ts";
import { authenticate } from "./authenticate.ts";
import { bodyLimit } from "./body-limit.ts";
import { countRequests } from "./count-requests.ts";
import type { Handler, HttpEnv } from "./environment.ts";
import { hostAndOrigin } from "./host-and-origin.ts";
import { chargeFailure, limitAddress } from "./limit-address.ts";
import { limitClient } from "./limit-client.ts";
import { livez } from "./livez.ts";
import { metricsRoute } from "./metrics-route.ts";
import { network } from "./network.ts";
import { METRICS, PROBES } from "./paths.ts";
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
  /** The host of the config in force. */
  readonly host: () => Host;
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
  const { path, mcp, host, readiness, metrics, log, monotonic } = parts;
  const addresses = createTokenBuckets(REMEMBERED, monotonic);
  const clients = createTokenBuckets(REMEMBERED, monotonic);
  const charge = chargeFailure(addresses);
  const apiKey = authenticate({
    failed(context) {
      const isShown = context.req.header("authorization") !== undefined;
      metrics.unauthenticated(isShown ? "wrong" : "none");
      charge(context);
    },
  });
  const limitPerAddress = told(limitAddress(addresses), () => metrics.limited("address"));
  const limitPerClient = told(limitClient(clients), () => metrics.limited("client"));
  const app = new Hono<HttpEnv>();

  app.use(countRequests(metrics, path));
  app.use(requestIds());
  app.use(inForce(parts));
  app.use(hostAndOrigin({ anyHost: PROBES }));
  app.use(network());
  app.use(limitPerAddress);

  app.get("/livez", livez);
  app.get("/readyz", whereShown(apiKey), readyz(readiness, host));

  app.use(METRICS, apiKey, limitPerClient);
  app.get(METRICS, metricsRoute(metrics));

  app.use(path, apiKey, limitPerClient, bodyLimit());
  app.all(path, mcp);

  for (const route of [...PROBES, METRICS]) app.all(route, onlyGet);
  app.notFound((context) => refuse(context, "NOT_FOUND"));
  app.onError((error, context) => {
    // In the middle of its body, as a rule.
    if (context.req.raw.signal.aborted) return new Response(null, { status: CLIENT_GONE });
    log("error", "a request failed", { name: error.name });
    log("debug", "unexpected failure", { stack: stackOf(error) });
    return refuse(context, "UNEXPECTED");
  });
  return app;
}

/**
 * Sets what all the others go by, which a reload in the middle of a request does not change. Every
 * answer gets the name of its request.
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

const onlyGet: Handler = async (context) =>
  refuse(context, "METHOD_NOT_ALLOWED", { Allow: "GET, HEAD" });

/** Tells of the requests that a handler has refused. */
function told(handler: Handler, refused: () => void): Handler {
  return async (context, next) => {
    const answer = await handler(context, next);
    if (answer !== undefined) refused();
    return answer;
  };
}
