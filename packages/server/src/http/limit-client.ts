/** How much one client may ask. */
import type { Handler } from "./environment.ts";
import { subscriberOf } from "./ip-address.ts";
import { refuse } from "./refusal.ts";
import type { TokenBuckets } from "./token-bucket.ts";

/** Refuses what is beyond `per_minute`, for each API key, or for each address where there is none. */
export function limitClient(buckets: TokenBuckets): Handler {
  return async (context, next) => {
    const { key, address, access } = context.var;
    const client = key === undefined ? `address ${subscriberOf(address)}` : `key ${key}`;
    const taken = buckets.take(client, access.rateLimit.per_minute);
    if (!taken.allowed) {
      return refuse(context, "RATE_LIMITED", { "Retry-After": String(taken.retryAfter) });
    }
    await next();
  };
}
