/** Doing what was planned: one call, and the task that it starts, to its end. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { asKnownError } from "@proxmox-mcp/crypto/internal";
import type { Api } from "../proxmox/api.ts";
import { awaitTask } from "../proxmox/await-task.ts";
import { refuseCancelled } from "../proxmox/refuse-cancelled.ts";
import { lastLines } from "../proxmox/tasks.ts";
import { parseUpid } from "../proxmox/upid.ts";
import { quotable } from "../proxmox/upstream-text.ts";
import type { PlannedCall } from "./plan.ts";

/** How calls and tasks are watched. */
export interface Watch {
  readonly api: Api;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Ends also the call that starts the task, whose answer is lost then. */
  readonly ending: AbortSignal;
  readonly progress: (message: string) => void;
  readonly now: () => Date;
}

/** A task that ended well. */
export interface EndedTask {
  readonly upid: string;
  /** `OK` or `WARNINGS: n`. */
  readonly exit_status: string;
  readonly warnings: number;
  /** The last lines of its log, less what looks like a password. */
  readonly log: readonly string[];
  /** From the call to the end that was seen. */
  readonly duration_seconds: number;
}

const LINES = 10;

/**
 * Makes a call, once: what may have been done is never repeated. A client that gives up meanwhile
 * does not end it, since only its answer names the task.
 *
 * @returns the UPID of its task.
 * @throws ProxmoxMcpError whatever the call throws; CANCELLED where the client gave up before;
 * PROXMOX_ANSWER where no task is named.
 */
export async function startTask(
  { api, signal, ending }: Pick<Watch, "api" | "signal" | "ending">,
  { endpoint, values, parameters }: PlannedCall,
): Promise<string> {
  refuseCancelled(signal);
  const data = await api.call(endpoint, { values, parameters, signal: ending });
  try {
    return parseUpid(String(data)).upid;
  } catch (cause) {
    throw new ProxmoxMcpError(
      "PROXMOX_ANSWER",
      `${endpoint.method} ${endpoint.path} was answered without a task`,
      { hint: "the call may have been carried out: look before you repeat it", cause },
    );
  }
}

/**
 * Waits for the end of a task.
 *
 * @param timeout seconds.
 * @throws ProxmoxMcpError TASK_FAILED with the last lines of its log; TASK_RUNNING, CANCELLED and
 * whatever else ends the waiting name the task, which goes on.
 */
export async function followTask(
  watch: Watch,
  upid: string,
  { timeout, begun }: { readonly timeout: number; readonly begun: Date },
): Promise<EndedTask> {
  const { api, signal, progress, now } = watch;
  const options = { signal, progress, timeout: timeout * 1000 };
  try {
    const { warnings } = await awaitTask(api, upid, options);
    return {
      upid,
      exit_status: warnings === 0 ? "OK" : `WARNINGS: ${warnings}`,
      warnings,
      log: await logOf(watch, upid),
      duration_seconds: Math.max(0, now().getTime() - begun.getTime()) / 1000,
    };
  } catch (error) {
    throw await withTask(watch, upid, error);
  }
}

async function withTask(watch: Watch, upid: string, error: unknown): Promise<ProxmoxMcpError> {
  const { code, message, hint } = asKnownError(error);
  if (code === "TASK_FAILED") {
    const lines = (await logOf(watch, upid)).map((line) => quotable(line)).join(" | ");
    const said = lines === "" ? message : `${message}; the end of its log: ${lines}`;
    return new ProxmoxMcpError(code, said, { hint, cause: error });
  }
  const isNamed = message.includes(upid) || (hint ?? "").includes(upid);
  const note = isNamed ? message : `${message}; task ${upid} was started and may go on`;
  return new ProxmoxMcpError(code, note, {
    hint:
      code === "TASK_RUNNING"
        ? hint
        : "do not repeat the call: get_task_status tells how the task ends",
    cause: error,
  });
}

// The task has ended as it has, whether its log can be read or not.
async function logOf({ api, signal }: Watch, upid: string): Promise<readonly string[]> {
  const { node } = parseUpid(upid);
  try {
    return await lastLines(api, { node, upid, signal }, LINES);
  } catch {
    return [];
  }
}
