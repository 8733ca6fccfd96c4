/** What is told of a call to those who keep a record of it. */
import type { ErrorCode } from "@proxmox-mcp/crypto";
import type { Caller } from "../policy/caller.ts";
import type { Effect } from "../tools/tool.ts";

/** A call that was asked for. */
export interface CallFacts {
  /** Different for each call of this process: 16 hex digits. */
  readonly id: string;
  readonly time: Date;
  readonly tool: string;
  readonly effect: Effect;
  readonly caller: Caller;
  /** Those that the tool lets into a record, as they were given. Empty until they were checked. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** How a call ended. */
export interface CallOutcome {
  /** `asked` where the person at the client has yet to agree: the answer comes with a call of its own. */
  readonly outcome: "ok" | "asked" | ErrorCode;
  /** Milliseconds. */
  readonly duration: number;
  /** The guest that it was about, where there was one and it was found. */
  readonly target: string | undefined;
  /** The tasks that it started, in their order. */
  readonly upids: readonly string[];
}

/** Keeps a record of calls. */
export interface CallRecorder {
  /**
   * Hears of a call that passed policy and argument check, before it reaches Proxmox.
   *
   * @throws ProxmoxMcpError AUDIT_FAILED: then it is not run.
   */
  begins?(call: CallFacts): void;
  /** Hears of every call once, those that were refused too. Never throws. */
  ended(call: CallFacts, outcome: CallOutcome): void;
}
