/** How much one address may ask, and how much one client. */
import type { RateLimit } from "@proxmox-mcp/crypto/config";
import type { Context } from "hono";
import type { Handler, HttpEnv, HttpVariables } from "./environment.ts";
import { subscriberOf } from "./ip-address.ts";
import { refuse } from "./refusal.ts";
import type { TokenBuckets } from "./token-bucket.ts";

/** What a request without a valid API key costs beside itself. */
const FAILURE_COST = 59;

/**
 * Refuses what is beyond `per_minute_per_address`. IPv6 addresses of one /64 count as one: a client
 * has as many of them as it likes.
 *
 * @param refused hears of each refusal.
 */
export function limitAddress(buckets: TokenBuckets, refused: () => void): Handler {
  const clientOf = ({ address }: HttpVariables) => subscriberOf(address);
  return limit(buckets, { clientOf, rate: "per_minute_per_address", refused });
}

/**
 * Refuses what is beyond `per_minute`, for each API key, or for each address where there is none.
 *
 * @param refused hears of each refusal.
 */
export function limitClient(buckets: TokenBuckets, refused: () => void): Handler {
  const clientOf = ({ key, address }: HttpVariables) =>
    key === undefined ? `address ${subscriberOf(address)}` : `key ${key}`;
  return limit(buckets, { clientOf, rate: "per_minute", refused });
}

/** Makes a request that failed to authenticate cost its address sixty. */
export function chargeFailure(buckets: TokenBuckets): (context: Context<HttpEnv>) => void {
  return ({ var: { address, access } }) => {
    const { per_minute_per_address } = access.rateLimit;
    buckets.charge(subscriberOf(address), FAILURE_COST, per_minute_per_address);
  };
}

interface Limit {
  /** Whose bucket it is that a request takes from. */
  readonly clientOf: (variables: HttpVariables) => string;
  readonly rate: keyof RateLimit;
  readonly refused: () => void;
}

function limit(buckets: TokenBuckets, { clientOf, rate, refused }: Limit): Handler {
  return async (context, next) => {
    const taken = buckets.take(clientOf(context.var), context.var.access.rateLimit[rate]);
    if (taken.allowed) return await next();
    refused();
    return refuse(context, "RATE_LIMITED", { "Retry-After": String(taken.retryAfter) });
  };
}
