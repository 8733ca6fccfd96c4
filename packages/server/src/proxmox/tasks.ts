/** Tasks: work that a node does after its call was answered. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { TASK_LOG, TASK_STATUS, TASKS } from "./endpoints.ts";
import { integer, type Listed, maybe, number, parseData, parseList, text } from "./parse.ts";
import { redactLines, redactText } from "./redact.ts";

// What a task says may quote the command that it ran.
const saying = text.transform(redactText);

export interface TaskStatus {
  /** A task that is stopped has an `exitstatus`; nothing else says whether it went well. */
  readonly status: "running" | "stopped";
  /** `OK`, `WARNINGS: n`, or what went wrong. */
  readonly exitstatus?: string | undefined;
}

const status = z.object({
  status: z.enum(["running", "stopped"]),
  exitstatus: maybe(saying),
});

/**
 * How many warnings a task ended with that did not fail.
 *
 * @param exitstatus as in `OK` or `WARNINGS: 2`.
 * @returns `undefined` for one that failed, or does not say how it ended.
 */
export function warningsOf(exitstatus: string | undefined): number | undefined {
  if (exitstatus === "OK") return 0;
  const [, count] = /^WARNINGS: (\d+)$/.exec(exitstatus ?? "") ?? [];
  return count === undefined ? undefined : Number(count);
}

interface OfTask extends Abortable {
  readonly node: string;
  readonly upid: string;
}

export async function taskStatus(api: Api, { node, upid, signal }: OfTask): Promise<TaskStatus> {
  const data = await api.call(TASK_STATUS, { values: { node, upid }, signal });
  return parseData(TASK_STATUS, status, data);
}

/** One line of a log, less secrets. `n` counts from 1. */
export interface LogLine {
  readonly n: number;
  readonly t: string;
}

const line = z.object({ n: integer, t: text.catch("") });

/** @param of.start counts from 0; @param of.limit 50 where it is not given. */
export async function taskLog(
  api: Api,
  of: OfTask & { readonly start?: number | undefined; readonly limit?: number | undefined },
): Promise<Listed<LogLine>> {
  const { node, upid, start, limit, signal } = of;
  const parameters = { start, limit };
  const data = await api.call(TASK_LOG, { values: { node, upid }, parameters, signal });
  const { items, unreadable } = parseList(TASK_LOG, line, data);
  const texts = redactLines(items.map(({ t }) => t));
  return { items: items.map(({ n }, index) => ({ n, t: texts[index] ?? "" })), unreadable };
}

// As many as are read at once of a log of unknown length.
const PART = 1000;

/** The last lines of a log, at most `count`, the oldest first. */
export async function lastLines(api: Api, of: OfTask, count: number): Promise<readonly string[]> {
  let last: readonly string[] = [];
  for (let start = 0; ; start += PART) {
    const { items, unreadable } = await taskLog(api, { ...of, start, limit: PART });
    last = [...last, ...items.map(({ t }) => t)].slice(-count);
    if (items.length + unreadable < PART) return last;
  }
}

/** `starttime` in seconds since 1970. */
export interface TaskListEntry {
  readonly upid: string;
  readonly type: string;
  readonly starttime: number;
  /** `OK`, `WARNINGS: n`, or what went wrong; absent while it runs. */
  readonly status?: string | undefined;
}

const entry = z.object({
  upid: text,
  type: text,
  starttime: number,
  status: maybe(saying),
});

/**
 * The latest finished tasks of a node, newest first.
 *
 * @param of.since seconds since 1970.
 */
export async function listTasks(
  api: Api,
  of: Abortable & {
    readonly node: string;
    readonly vmid?: number | undefined;
    readonly limit?: number | undefined;
    readonly since?: number | undefined;
  },
): Promise<Listed<TaskListEntry>> {
  const { node, vmid, limit, since, signal } = of;
  const parameters = { vmid, limit, since };
  return parseList(TASKS, entry, await api.call(TASKS, { values: { node }, parameters, signal }));
}
