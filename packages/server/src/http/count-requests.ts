/** Counting requests by their answers. Stands before all other handlers. */
import type { MiddlewareHandler } from "hono";
import type { Metrics, Route } from "../metrics/metrics.ts";
import type { HttpEnv } from "./environment.ts";
import { ROUTES } from "./paths.ts";

/** @param mcpPath where the MCP endpoint is. */
export function countRequests(
  { answered }: Pick<Metrics, "answered">,
  mcpPath: string,
): MiddlewareHandler<HttpEnv> {
  const routeOf = (path: string): Route =>
    path === mcpPath ? "mcp" : (ROUTES.get(path) ?? "other");
  return async (context, next) => {
    await next();
    answered(routeOf(context.req.path), context.res.status);
  };
}
