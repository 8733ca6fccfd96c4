/** `get_task_log`: what a task has written. */
import { z } from "zod";
import { TASK_LOG } from "../proxmox/endpoints.ts";
import { taskLog } from "../proxmox/tasks.ts";
import { parseUpid } from "../proxmox/upid.ts";
import { UPID, wholeNumber } from "./arguments.ts";
import { amount, UNREADABLE } from "./fields.ts";
import { PAGE_ARGUMENTS } from "./page.ts";
import { defineTool, type Tool } from "./tool.ts";

export const getTaskLog: Tool = defineTool({
  name: "get_task_log",
  title: "Task log",
  description:
    "Shows the lines that a task has written so far, from the first one or from the line after " +
    "start. What looks like a password in them is not shown.",
  mode: "read-only",
  effect: "read",
  recorded: ["upid", "start", "limit"],
  calls: [TASK_LOG],
  input: z.strictObject({
    upid: UPID,
    start: wholeNumber(0, 1_000_000_000)
      .default(0)
      .describe("How many lines to skip; next_start of the call before"),
    limit: PAGE_ARGUMENTS.limit,
  }),
  output: z.object({
    upid: z.string(),
    lines: z.array(z.object({ n: z.int().describe("Counts from 1"), text: z.string() })),
    next_start: amount("Pass it as start for the lines after these; null where there are none yet"),
    unreadable: UNREADABLE,
  }),
  async run({ upid, start, limit }, { api, signal }) {
    const { node } = parseUpid(upid);
    // One more than is shown tells whether there are more.
    const asked = { node, upid, start, limit: limit + 1, signal };
    const { items, unreadable } = await taskLog(api, asked);
    // A line that could not be read has its place in the log, too.
    const shown = items.filter(({ n }) => n <= start + limit);
    return {
      upid,
      lines: shown.map(({ n, t }) => ({ n, text: t })),
      next_start: items.length + unreadable > limit ? start + limit : null,
      unreadable,
    };
  },
  text: ({ lines, next_start: next }) =>
    [
      ...lines.map(({ n, text }) => `${n}  ${text}`),
      ...(next === null ? [] : ["", `There are more lines: start ${next}`]),
    ].join("\n"),
});
