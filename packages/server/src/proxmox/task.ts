/** Waiting for the work that a call started: a queued task is not yet a success. */
import { setTimeout as sleep } from "node:timers/promises";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Api } from "./api.ts";
import { type TaskStatus, taskLog, taskStatus } from "./tasks.ts";
import { quotable } from "./upstream-text.ts";

/** The name of a task, taken apart. */
export interface Upid {
  readonly upid: string;
  readonly node: string;
  /** Seconds since 1970. */
  readonly starttime: number;
  readonly type: string;
  /** What it works on, as a guest's number; may be empty. */
  readonly id: string;
  readonly user: string;
}

const UPID =
  /^UPID:([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?):[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:([0-9A-Fa-f]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/;

/** @throws ProxmoxMcpError PROXMOX_INVALID for a text that names no task. */
export function parseUpid(upid: string): Upid {
  const [, node = "", start = "", type = "", id = "", user = ""] = UPID.exec(upid) ?? [];
  if (node === "") {
    throw new ProxmoxMcpError("PROXMOX_INVALID", `"${quotable(upid, 120)}" names no task`, {
      hint: "give the whole UPID, from UPID: to the colon at its end",
    });
  }
  return { upid, node, starttime: Number.parseInt(start, 16), type, id, user };
}

/** How a task ended that did not fail. */
export interface TaskOutcome {
  readonly upid: string;
  /** How many warnings its log holds. */
  readonly warnings: number;
}

export interface AwaitOptions {
  /** Given up once it is aborted; the task goes on. */
  readonly signal?: AbortSignal | undefined;
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
    if (status.status === "stopped") return await outcomeOf(api, task, status, signal);
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
  { exitstatus = "" }: TaskStatus,
  signal: AbortSignal | undefined,
): Promise<TaskOutcome> {
  const { upid, node, type, id } = task;
  if (exitstatus === "OK") return { upid, warnings: 0 };
  const [, warnings] = /^WARNINGS: (\d+)$/.exec(exitstatus) ?? [];
  if (warnings !== undefined) return { upid, warnings: Number(warnings) };
  const reason =
    quotable(exitstatus) || (await lastLine(api, task, signal)) || "it does not say why";
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
