/** Whether requests should be sent here, and why not. */
import type { ErrorCode } from "@proxmox-mcp/crypto";
import type { ProxmoxSection } from "@proxmox-mcp/crypto/config";
import type { Context, MiddlewareHandler } from "hono";
import {
  isReached,
  type Readiness,
  type ServerState,
  type Unreadiness,
} from "../runtime/readiness.ts";
import { version } from "../version.ts";
import type { Handler, HttpEnv } from "./environment.ts";

/** What everybody is told. Nothing of it names a host, a user, a file or a client. */
interface ReadyAnswer {
  readonly status: "ready" | "not ready";
  /** Left out where it is ready. */
  readonly reasons?: readonly Unreadiness[];
  readonly version: string;
  readonly config: {
    /** When the config in force was taken, ISO 8601. */
    readonly loaded: string;
    /** Reloads since then that left it in force. */
    readonly reload_failures: number;
    readonly last_failure: { readonly time: string; readonly code: ErrorCode } | null;
  };
  readonly keys: {
    readonly active: string | null;
    /** Of those that opened a secret of the config in force. */
    readonly opened_with: readonly string[];
  };
}

/** Which host. */
type Place = Pick<ProxmoxSection, "host" | "port">;

/** What whoever shows an API key is told as well. */
interface HostAnswer extends Place {
  /** The last call to it; `null` where there was none. */
  readonly last_call: {
    readonly time: string;
    /** Whether it answered, whatever the answer was. */
    readonly reached: boolean;
    readonly outcome: "ok" | ErrorCode;
  } | null;
}

/**
 * GET /readyz: 200, or 503 with the reasons. It asks nobody anything: what is told of the Proxmox host
 * is how the last call of a tool ended.
 *
 * @param proxmox that of the config in force.
 */
export function readyz(
  readiness: Pick<Readiness, "probe" | "lastCall">,
  proxmox: () => Place,
): (context: Context<HttpEnv>) => Response {
  return (context) => {
    context.header("cache-control", "no-store");
    const state = readiness.probe();
    const isKnown = context.get("key") !== undefined;
    const known = isKnown ? { proxmox: hostAnswer(proxmox(), readiness) } : {};
    return context.json(
      { ...readyAnswer(state), ...known },
      state.reasons.length === 0 ? 200 : 503,
    );
  };
}

/**
 * Asks for an API key only where a request shows anything. A wrong one is refused and throttled as
 * everywhere, so that a probe is no cheaper place to try keys.
 */
export function whereShown(authenticate: Handler): MiddlewareHandler<HttpEnv> {
  return async (context, next) => {
    if (context.req.header("authorization") === undefined) return await next();
    return await authenticate(context, next);
  };
}

function readyAnswer({ reasons, loads, activeKey, secrets }: ServerState): ReadyAnswer {
  const { takenAt, refusedSince, lastRefusal } = loads;
  const keyIds = secrets.flatMap(({ keyId }) => (keyId === undefined ? [] : [keyId]));
  return {
    status: reasons.length === 0 ? "ready" : "not ready",
    ...(reasons.length === 0 ? {} : { reasons }),
    version,
    config: {
      loaded: takenAt.toISOString(),
      reload_failures: refusedSince,
      last_failure:
        lastRefusal === undefined
          ? null
          : { time: lastRefusal.time.toISOString(), code: lastRefusal.code },
    },
    keys: { active: activeKey ?? null, opened_with: [...new Set(keyIds)].toSorted() },
  };
}

function hostAnswer({ host, port }: Place, { lastCall }: Pick<Readiness, "lastCall">): HostAnswer {
  const last = lastCall({ host, port });
  if (last === undefined) return { host, port, last_call: null };
  const { time, outcome } = last;
  return {
    host,
    port,
    last_call: { time: time.toISOString(), reached: isReached(outcome), outcome },
  };
}
