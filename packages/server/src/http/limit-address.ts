/** How much one address may ask, whoever it is. */
import type { Context } from "hono";
import type { Handler, HttpEnv } from "./environment.ts";
import { subscriberOf } from "./ip-address.ts";
import { refuse } from "./refusal.ts";
import type { TokenBuckets } from "./token-bucket.ts";

/** What a request without a valid API key costs beside itself. */
const FAILURE_COST = 59;

/**
 * Refuses what is beyond `per_minute_per_address`. IPv6 addresses of one /64 count as one: a client
 * has as many of them as it likes.
 */
export function limitAddress(buckets: TokenBuckets): Handler {
  return async (context, next) => {
    const { address, access } = context.var;
    const { per_minute_per_address } = access.rateLimit;
    const taken = buckets.take(subscriberOf(address), per_minute_per_address);
    if (!taken.allowed) {
      return refuse(context, "RATE_LIMITED", { "Retry-After": String(taken.retryAfter) });
    }
    await next();
  };
}

/** Makes a request that failed to authenticate cost sixty. */
export function chargeFailure(buckets: TokenBuckets): (context: Context<HttpEnv>) => void {
  return (context) => {
    const { address, access } = context.var;
    const { per_minute_per_address } = access.rateLimit;
    buckets.charge(subscriberOf(address), FAILURE_COST, per_minute_per_address);
  };
}
