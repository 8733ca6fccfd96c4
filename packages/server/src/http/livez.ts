/** Whether the process is alive: that it answers is all there is to say. */
import type { Context } from "hono";
import type { HttpEnv } from "./environment.ts";

/** GET /livez: 200 as long as the event loop turns. */
export function livez(context: Context<HttpEnv>): Response {
  context.header("cache-control", "no-store");
  return context.json({ status: "alive" });
}
