/** The metrics, for Prometheus. */
import type { Context } from "hono";
import type { Metrics } from "../metrics/metrics.ts";
import type { HttpEnv } from "./environment.ts";

/** GET /metrics: all of them as they are now. */
export function metricsRoute({
  text,
  contentType,
}: Pick<Metrics, "text" | "contentType">): (context: Context<HttpEnv>) => Promise<Response> {
  return async (context) =>
    context.body(await text(), 200, {
      "cache-control": "no-store",
      "content-type": contentType,
    });
}
