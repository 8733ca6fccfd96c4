/** Tasks: work that a node does after its call was answered. */
import { z } from "zod";
import type { Api } from "./api.ts";
import { TASK_LOG, TASK_STATUS, TASKS } from "./endpoints.ts";
import { type Listed, maybe, number, parseData, parseList, text } from "./parse.ts";

/** Times in seconds since 1970. */
export interface TaskStatus {
  /** A task that is stopped has an `exitstatus`; nothing else says whether it went well. */
  readonly status: "running" | "stopped";
  /** `OK`, `WARNINGS: n`, or what went wrong. */
  readonly exitstatus?: string | undefined;
  readonly upid?: string | undefined;
  readonly node?: string | undefined;
  readonly type?: string | undefined;
  /** What it works on, as a guest's number. */
  readonly id?: string | undefined;
  readonly user?: string | undefined;
  readonly starttime?: number | undefined;
}

const status = z.object({
  status: z.enum(["running", "stopped"]),
  exitstatus: maybe(text),
  upid: maybe(text),
  node: maybe(text),
  type: maybe(text),
  id: maybe(text),
  user: maybe(text),
  starttime: maybe(number),
});

interface OfTask {
  readonly node: string;
  readonly upid: string;
  readonly signal?: AbortSignal | undefined;
}

export async function taskStatus(api: Api, { node, upid, signal }: OfTask): Promise<TaskStatus> {
  const data = await api.call(TASK_STATUS, { values: { node, upid }, signal });
  return parseData(TASK_STATUS, status, data);
}

/** One line of a log. `n` counts from 1. */
export interface LogLine {
  readonly n: number;
  readonly t: string;
}

const line = z.object({ n: number, t: maybe(text).transform((t) => t ?? "") });

/** @param of.start counts from 0; @param of.limit 50 where it is not given. */
export async function taskLog(
  api: Api,
  of: OfTask & { readonly start?: number | undefined; readonly limit?: number | undefined },
): Promise<Listed<LogLine>> {
  const { node, upid, start, limit, signal } = of;
  const parameters = { start, limit };
  const data = await api.call(TASK_LOG, { values: { node, upid }, parameters, signal });
  return parseList(TASK_LOG, line, data);
}

/** Times in seconds since 1970. */
export interface TaskListEntry {
  readonly upid: string;
  readonly node: string;
  readonly type: string;
  readonly starttime: number;
  readonly user?: string | undefined;
  readonly id?: string | undefined;
  /** Absent while it runs. */
  readonly endtime?: number | undefined;
  /** `OK`, `WARNINGS: n`, or what went wrong; absent while it runs. */
  readonly status?: string | undefined;
}

const entry = z.object({
  upid: text,
  node: text,
  type: text,
  starttime: number,
  user: maybe(text),
  id: maybe(text),
  endtime: maybe(number),
  status: maybe(text),
});

/**
 * The latest finished tasks of a node, newest first.
 *
 * @param of.errors only those that failed; @param of.since seconds since 1970.
 */
export async function listTasks(
  api: Api,
  of: {
    readonly node: string;
    readonly vmid?: number | undefined;
    readonly limit?: number | undefined;
    readonly errors?: boolean | undefined;
    readonly since?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Listed<TaskListEntry>> {
  const { node, vmid, limit, errors, since, signal } = of;
  const parameters = { vmid, limit, errors, since };
  return parseList(TASKS, entry, await api.call(TASKS, { values: { node }, parameters, signal }));
}
