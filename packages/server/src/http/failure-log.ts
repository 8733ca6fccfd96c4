/** Telling the operator of wrong API keys, seldom enough that nobody can flood the log with them. */
import type { Log } from "../log/log.ts";

const MINUTE = 60_000;

/**
 * Logs the first wrong key at once, and how many there were since at most once a minute.
 *
 * @param monotonic milliseconds that never go back.
 * @returns a function that is told of each, with the address that it came from.
 */
export function createFailureLog(log: Log, monotonic: () => number): (address: string) => void {
  let since = 0;
  let next = Number.NEGATIVE_INFINITY;
  return (address) => {
    since += 1;
    const now = monotonic();
    if (now < next) return;
    log("warn", "requests with a wrong API key were refused", { count: since, last: address });
    since = 0;
    next = now + MINUTE;
  };
}
