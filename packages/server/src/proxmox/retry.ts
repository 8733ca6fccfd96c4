/** Trying again, within bounds, what changes nothing and may succeed a moment later. */
import { setTimeout as sleep } from "node:timers/promises";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { isPassing } from "./connection-failure.ts";
import type { Deadline } from "./deadline.ts";
import type { Method } from "./endpoint.ts";

export interface RetryOptions {
  /** How often a call that reads is tried again. */
  readonly attempts: number;
  /** Milliseconds before the first time; doubled each time. */
  readonly delay: number;
}

/**
 * Runs `attempt`, again where that is safe: only what reads, only where the connection failed or a
 * node could not be reached, never after a refusal, and never past the deadline.
 */
export async function withRetries<Result>(
  method: Method,
  { attempts, delay }: RetryOptions,
  deadline: Deadline,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = delay * 2 ** (tried - 1);
      const isWorthIt = method === "GET" && tried <= attempts && mayPass(error);
      if (!isWorthIt || deadline.signal.aborted || wait >= deadline.left()) throw error;
      await sleep(wait, undefined, { signal: deadline.signal });
    }
  }
}

function mayPass(error: unknown): boolean {
  return (
    error instanceof ProxmoxMcpError && (error.code === "NODE_UNREACHABLE" || isPassing(error))
  );
}
