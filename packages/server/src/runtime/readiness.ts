/** Whether the server should be sent requests, and what led to that. */
import type { ErrorCode } from "@proxmox-mcp/crypto";
import type { ConfigSecret } from "@proxmox-mcp/crypto/config";
import type { AuditListener } from "../audit/state.ts";
import type { Target } from "../proxmox/target.ts";
import type { UsableConfig } from "./load.ts";
import type { ReloadListener } from "./reload.ts";

/** Why the server should be sent no requests: it ends, or it cannot record what `audit.required` wants recorded. */
export type Unreadiness = "draining" | "audit_failed";

/** What of a config in force says how the server is doing. */
export type InForce = Pick<UsableConfig, "config" | "key" | "secrets">;

/** How a call to a Proxmox host ended. */
export interface HostCall {
  readonly time: Date;
  readonly outcome: "ok" | ErrorCode;
}

/** A reload that left the old config in force. */
export interface Refusal {
  readonly time: Date;
  /** That of its first problem. */
  readonly code: ErrorCode;
}

/** How the config in force came there, and what was tried since. */
export interface Loads {
  /** When the config in force was taken. */
  readonly takenAt: Date;
  /** Reloads whose config was taken; the first load is none. */
  readonly taken: number;
  /** Reloads whose config was not. */
  readonly refused: number;
  /** Those since the last one that was. */
  readonly refusedSince: number;
  readonly lastRefusal: Refusal | undefined;
}

/** Everything at one moment. */
export interface ServerState {
  /** Empty where it is ready. */
  readonly reasons: readonly Unreadiness[];
  readonly loads: Loads;
  /** The id of the active key; `undefined` where there is no key, or it has none. */
  readonly activeKey: string | undefined;
  /** The secrets of the config in force, without their texts. */
  readonly secrets: readonly ConfigSecret[];
  /** Records that could not be written. */
  readonly auditFailures: number;
}

/** Gathers what others know. */
export interface Readiness extends ReloadListener, AuditListener {
  taken(loaded: InForce): void;
  /** Hears that the server finishes its calls and takes no more. */
  drains(): void;
  /** Hears how a call to a host ended. What was cancelled says nothing of the host. */
  hostCalled(proxmox: Target, outcome: "ok" | ErrorCode): void;
  /** The last call to a host; `undefined` where there was none, or another host was called since. */
  lastCall(proxmox: Target): HostCall | undefined;
  state(): ServerState;
  /**
   * The same for whoever decides by it where calls go. Records that fail are tried once more before: a
   * server that is sent no calls would never find out that they can be written again.
   */
  probe(): ServerState;
}

/**
 * @param first what is in force; `undefined` where there is no config, in test mode.
 * @param now the clock.
 */
export function createReadiness(first: InForce | undefined, now: () => Date): Readiness {
  let loaded = first;
  let loads: Loads = {
    takenAt: now(),
    taken: 0,
    refused: 0,
    refusedSince: 0,
    lastRefusal: undefined,
  };
  let isDraining = false;
  let tryAuditAgain: (() => void) | undefined;
  let auditFailures = 0;
  let last: (HostCall & Target) | undefined;

  const state = (): ServerState => {
    const reasons: Unreadiness[] = [];
    if (isDraining) reasons.push("draining");
    const mustRecord = loaded?.config.audit.required === true;
    if (tryAuditAgain !== undefined && mustRecord) reasons.push("audit_failed");
    const { secrets = [], key } = loaded ?? {};
    return { reasons, loads, activeKey: key?.id, secrets, auditFailures };
  };

  return {
    taken(next) {
      loaded = next;
      loads = { ...loads, takenAt: now(), taken: loads.taken + 1, refusedSince: 0 };
    },
    refused({ code }) {
      const refused = loads.refused + 1;
      const refusedSince = loads.refusedSince + 1;
      loads = { ...loads, refused, refusedSince, lastRefusal: { time: now(), code } };
    },
    drains() {
      isDraining = true;
    },
    auditFailed(tryAgain) {
      tryAuditAgain = tryAgain;
      auditFailures += 1;
    },
    auditWorks() {
      tryAuditAgain = undefined;
    },
    hostCalled({ host, port }, outcome) {
      if (outcome === "CANCELLED" || outcome === "UNEXPECTED") return;
      last = { host, port, time: now(), outcome };
    },
    lastCall({ host, port }) {
      return last?.host === host && last.port === port ? last : undefined;
    },
    state,
    probe() {
      tryAuditAgain?.();
      return state();
    },
  };
}

// Calls that got no answer from the host itself.
const NOT_REACHED: ReadonlySet<string> = new Set<ErrorCode>([
  "PROXMOX_UNREACHABLE",
  "PROXMOX_TIMEOUT",
  "PROXMOX_TLS",
]);

/** Whether the host answered, whatever its answer was. */
export function isReached(outcome: "ok" | ErrorCode): boolean {
  return !NOT_REACHED.has(outcome);
}
