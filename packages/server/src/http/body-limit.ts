/** What a body may hold. */
import { bodyLimit as limitBody } from "hono/body-limit";
import type { Handler } from "./environment.ts";
import { refuse } from "./refusal.ts";

/** Refuses a body beyond `http.body_limit`, by its Content-Length or, in chunks, by what arrives. */
export function bodyLimit(): Handler {
  return async (context, next) => {
    const maxSize = context.var.access.bodyLimit;
    const tooLarge = () => refuse(context, "BODY_TOO_LARGE");
    const { headers } = context.env.incoming;
    if (headers["transfer-encoding"] !== undefined) {
      return await limitBody({ maxSize, onError: tooLarge })(context, next);
    }
    // No more than this is read, so the body need not be counted.
    if (Number(headers["content-length"] ?? 0) > maxSize) return tooLarge();
    return await next();
  };
}
