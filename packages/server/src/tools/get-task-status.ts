/** `get_task_status`: whether a task runs, and how it ended. */
import { z } from "zod";
import { TASK_STATUS } from "../proxmox/endpoints.ts";
import { taskStatus, warningsOf } from "../proxmox/tasks.ts";
import { parseUpid } from "../proxmox/upid.ts";
import { UPID } from "./arguments.ts";
import { amount, wording } from "./fields.ts";
import { lines } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";
import { isoTime } from "./units.ts";

export const getTaskStatus: Tool = defineTool({
  name: "get_task_status",
  title: "Task status",
  description:
    "Shows whether a task (work that Proxmox does in the background) still runs, and once it has " +
    "ended, whether it went well.",
  mode: "read-only",
  effect: "read",
  recorded: ["upid"],
  calls: [TASK_STATUS],
  input: z.strictObject({ upid: UPID }),
  output: z.object({
    upid: z.string(),
    node: z.string(),
    type: z.string().describe("As in qmstart, vzdump or qmigrate"),
    id: wording("What it works on, as the vmid of a guest"),
    user: z.string(),
    started_at: wording("ISO 8601, UTC"),
    running: z.boolean(),
    ok: z.boolean().nullable().describe("null while it runs; true with warnings too"),
    warnings: amount("How many warnings its log holds; null while it runs"),
    exit_status: wording("OK, WARNINGS: n, or what went wrong; null while it runs"),
  }),
  async run({ upid }, { api, signal }) {
    const { node, type, id, user, starttime } = parseUpid(upid);
    const { status, exitstatus = "" } = await taskStatus(api, { node, upid, signal });
    const running = status === "running";
    const warnings = warningsOf(exitstatus);
    return {
      upid,
      node,
      type,
      id: id === "" ? null : id,
      user,
      started_at: isoTime(starttime),
      running,
      ok: running ? null : warnings !== undefined,
      warnings: running ? null : (warnings ?? 0),
      exit_status: running || exitstatus === "" ? null : exitstatus,
    };
  },
  text: (task) =>
    lines([
      ["Task", `${task.type} ${task.id ?? ""}`.trim()],
      ["Node", task.node],
      ["Started", `${task.started_at ?? "-"} by ${task.user}`],
      ["State", stateText(task)],
    ]),
});

function stateText({
  running,
  ok,
  exit_status: status,
}: {
  readonly running: boolean;
  readonly ok: boolean | null;
  readonly exit_status: string | null;
}): string {
  if (running) return "running";
  return `${ok === true ? "ended" : "FAILED"}: ${status ?? "it does not say how"}`;
}
