/** What an operation gives: the call, its task, and what to know about it. */
import { z } from "zod";
import { KIND } from "../guests/find-guest.ts";
import type { EndedTask } from "../operations/carry-out.ts";
import { type Plan, type ShownCall, shownCall } from "../operations/plan.ts";
import { known, wording } from "./fields.ts";
import { lines } from "./table.ts";

/** As programs get it. */
export interface OperationResult {
  readonly done: boolean;
  readonly dry_run: boolean;
  readonly kind: "VM" | "container";
  readonly vmid: number;
  readonly name: string | null;
  readonly node: string;
  readonly calls: readonly ShownCall[];
  readonly tasks: readonly EndedTask[];
  readonly notes: readonly string[];
}

export const OPERATION_RESULT: z.ZodObject<{
  [Field in keyof OperationResult]: z.ZodType<OperationResult[Field]>;
}> = z.object({
  done: z
    .boolean()
    .describe("Whether Proxmox did it; false for a dry run, and where nothing was to be done"),
  dry_run: z.boolean(),
  kind: z.enum(["VM", "container"]),
  vmid: z.int().describe("Id of the guest; of a new one, its own"),
  name: wording("null for a guest without a name, and for a clone that Proxmox names itself"),
  node: z.string().describe("Where it is"),
  calls: z
    .array(
      z.object({
        method: z.string(),
        path: z.string(),
        parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      }),
    )
    .describe("The calls of the Proxmox API that were made, or would be made by a dry run"),
  tasks: z.array(
    z.object({
      upid: z.string(),
      exit_status: z.string().describe("OK or WARNINGS: n; a task that failed is an error"),
      warnings: z.int().describe("How many warnings its log holds"),
      log: z.array(z.string()).describe("The last lines of its log, at most 10"),
      duration_seconds: z.number(),
    }),
  ),
  notes: z.array(z.string()).describe("What to know about it"),
});

/** What came of a plan. Without tasks nothing was done. */
export function operationResult(
  plan: Plan,
  isDry: boolean,
  tasks: readonly EndedTask[],
): OperationResult {
  const { target, call, notes } = plan;
  return {
    done: tasks.length > 0,
    dry_run: isDry,
    kind: KIND[target.type],
    vmid: target.vmid,
    name: known(target.name),
    node: target.node,
    calls: call === undefined ? [] : [shownCall(call)],
    tasks,
    notes,
  };
}

/** As people read it. */
export function operationText({
  done,
  dry_run: isDry,
  kind,
  vmid,
  name,
  node,
  calls,
  tasks,
  notes,
}: OperationResult): string {
  const head = lines([
    [kind, `${vmid} (${name ?? "unnamed"}) on ${node}`],
    ["Result", done ? "done" : isDry ? "dry run: nothing was changed" : "nothing to do"],
    ...calls.map((call) => [isDry ? "Would call" : "Call", callText(call)] as const),
    ...tasks.flatMap(({ upid, exit_status: status, duration_seconds: seconds }) => [
      ["Task", upid] as const,
      ["Ended", `${status} after ${seconds} s`] as const,
    ]),
    ...notes.map((note) => ["Note", note] as const),
  ]);
  const log = tasks.flatMap((task) => task.log);
  return log.length === 0 ? head : [head, "", "Log:", ...log].join("\n");
}

function callText({ method, path, parameters }: ShownCall): string {
  const given = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return [method, path, ...given].join(" ");
}
