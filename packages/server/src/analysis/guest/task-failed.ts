import { type TaskListEntry, warningsOf } from "../../proxmox/tasks.ts";
import { quotable } from "../../proxmox/upstream-text.ts";
import { daysBetween } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

const THRESHOLD = { age_days: 7 } as const;

/** How far back tasks are asked for, in days. */
export const TASK_AGE_DAYS: number = THRESHOLD.age_days;

/** The latest task of a kind counts: what was done again and went well is mended. */
export const TASK_FAILED: Rule<GuestFacts> = guestRule({
  id: "guest.task-failed",
  title: "The guest's last task of some kind failed",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "read its log: get_task_log, or `pvesh get /nodes/{node}/tasks/{upid}/log`; then do it again",
  needs: ["tasks"],
  check: ({ guest, tasks, now }) =>
    latestOfKind(tasks)
      .filter(({ starttime }) => now - starttime <= THRESHOLD.age_days * 86_400)
      .filter(({ status }) => status !== undefined && warningsOf(status) === undefined)
      .flatMap(({ type, upid, status = "", starttime }) => {
        // Errors may be whole logs.
        const reason = quotable(status);
        return found(
          guest,
          `The last ${type} of ${guestName(guest)} failed: ${reason}`,
          { task_type: type, upid, reason, age_days: daysBetween(starttime, now) },
          { upid },
        );
      }),
});

function latestOfKind(tasks: readonly TaskListEntry[]): readonly TaskListEntry[] {
  const latest = new Map<string, TaskListEntry>();
  for (const task of tasks) {
    const known = latest.get(task.type);
    if (known === undefined || known.starttime < task.starttime) latest.set(task.type, task);
  }
  return [...latest.values()];
}
