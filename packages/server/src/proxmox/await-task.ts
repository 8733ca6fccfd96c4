/** Waiting for the work that a call started: a queued task is not yet a success. */
import { setTimeout as sleep } from "node:timers/promises";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Abortable, Api } from "./api.ts";
import { taskLog, taskStatus, warningsOf } from "./tasks.ts";
import { parseUpid, type Upid } from "./upid.ts";
import { quotable } from "./upstream-text.ts";

/** How a task ended that did not fail. */
export interface TaskOutcome {
  readonly upid: string;
  /** How many warnings its log holds. */
  readonly warnings: number;
}

/** Its end is waited for no longer once the signal is aborted; the task goes on. */
export interface AwaitOptions extends Abortable {
  /** Told each time that the task was seen running. */
  readonly progress?: ((message: string) => void) | undefined;
  /** Milliseconds to wait for its end. Default: without limit. */
  readonly timeout?: number | undefined;
  /** Milliseconds between two looks: the first wait, and the longest. */
  readonly pace?: { readonly first: number; readonly longest: number };
}

/**
 * Waits until a task has ended.
 *
 * @throws ProxmoxMcpError TASK_FAILED with what it says of itself, TASK_RUNNING where it did not end
 * in time, CANCELLED, and whatever a call throws.
 */
export async function awaitTask(
  api: Api,
  upid: string,
  options: AwaitOptions = {},
): Promise<TaskOutcome> {
  const { signal, progress, timeout = Number.POSITIVE_INFINITY } = options;
  const { first, longest } = options.pace ?? { first: 200, longest: 3000 };
  const task = parseUpid(upid);
  const begun = performance.now();
  for (let wait = first; ; wait = Math.min(wait * 1.5, longest)) {
    const status = await taskStatus(api, { node: task.node, upid, signal });
    if (status.status === "stopped") return await outcomeOf(api, task, status.exitstatus, signal);
    const waited = performance.now() - begun;
    if (waited + wait > timeout) throw stillRunning(task, timeout);
    progress?.(
      `${task.type} ${task.id} runs for ${Math.round(waited / 1000)} s`.replace("  ", " "),
    );
    await pause(wait, task, signal);
  }
}

async function pause(wait: number, task: Upid, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(wait, undefined, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw new ProxmoxMcpError("CANCELLED", `no longer waiting for task ${task.upid}`, {
      hint: "the task itself goes on; get_task_status tells how it ends",
      cause,
    });
  }
}

async function outcomeOf(
  api: Api,
  task: Upid,
  exitstatus: string | undefined,
  signal: AbortSignal | undefined,
): Promise<TaskOutcome> {
  const { upid, node, type, id } = task;
  const warnings = warningsOf(exitstatus);
  if (warnings !== undefined) return { upid, warnings };
  const reason =
    quotable(exitstatus ?? "") || (await lastLine(api, task, signal)) || "it does not say why";
  throw new ProxmoxMcpError("TASK_FAILED", `task ${type} ${id} on ${node} failed: ${reason}`, {
    hint: `get_task_log shows its log: ${upid}`,
  });
}

async function lastLine(
  api: Api,
  { node, upid }: Upid,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { items } = await taskLog(api, { node, upid, limit: 500, signal });
  return quotable(items.at(-1)?.t ?? "");
}

function stillRunning({ upid, type, id, node }: Upid, timeout: number): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "TASK_RUNNING",
    `task ${type} ${id} on ${node} still runs after ${timeout / 1000} s`,
    { hint: `get_task_status tells how it ends: ${upid}` },
  );
}
