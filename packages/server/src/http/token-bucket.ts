/** Limits by token buckets: each client has one, which fills up again over a minute. */

/** Whether a request is answered. */
export type Taken =
  | { readonly allowed: true }
  /** Whole seconds until one is answered again, at least 1. */
  | { readonly allowed: false; readonly retryAfter: number };

/** The buckets of all clients. */
export interface TokenBuckets {
  /** Takes one token, where there is one. What is refused costs nothing. */
  take(client: string, perMinute: number): Taken;
  /**
   * Takes tokens whether they are there or not. A bucket is never owed more than it holds when full, so
   * nobody waits longer than two minutes.
   */
  charge(client: string, tokens: number, perMinute: number): void;
}

interface Bucket {
  /** Below zero where it is owed some. */
  readonly tokens: number;
  /** When that was so. */
  readonly at: number;
}

const MINUTE = 60_000;
/** What differences of times lose by rounding: who waited as long as it was told must be answered. */
const ROUNDING = 1e-6;

/**
 * Makes buckets, all of them full.
 *
 * @param entries how many clients are remembered; the one that was not seen for longest goes first, and
 * is then as one that was never seen.
 * @param now milliseconds that never go back.
 */
export function createTokenBuckets(entries: number, now: () => number): TokenBuckets {
  // A Map keeps the order in which its entries were set.
  const buckets = new Map<string, Bucket>();

  const filled = (client: string, perMinute: number): Bucket => {
    const at = now();
    const before = buckets.get(client);
    if (before === undefined) return { tokens: perMinute, at };
    const gained = ((at - before.at) * perMinute) / MINUTE;
    return { tokens: Math.min(perMinute, before.tokens + gained), at };
  };
  const keep = (client: string, bucket: Bucket): void => {
    buckets.delete(client);
    buckets.set(client, bucket);
    if (buckets.size <= entries) return;
    const [oldest] = buckets.keys();
    if (oldest !== undefined) buckets.delete(oldest);
  };

  return {
    take(client, perMinute) {
      const bucket = filled(client, perMinute);
      const allowed = bucket.tokens >= 1 - ROUNDING;
      keep(client, allowed ? { ...bucket, tokens: bucket.tokens - 1 } : bucket);
      if (allowed) return { allowed };
      const wait = ((1 - bucket.tokens) * MINUTE) / perMinute;
      return { allowed, retryAfter: Math.max(1, Math.ceil(wait / 1000)) };
    },
    charge(client, tokens, perMinute) {
      const bucket = filled(client, perMinute);
      keep(client, { ...bucket, tokens: Math.max(-perMinute, bucket.tokens - tokens) });
    },
  };
}
