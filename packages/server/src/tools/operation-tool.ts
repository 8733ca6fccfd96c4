/** What every tool is that changes a guest: a plan, the consent that it needs, and one call with its task. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { z } from "zod";
import { targetOf } from "../guests/find-guest.ts";
import { followTask, startTask } from "../operations/carry-out.ts";
import { requireConfirmation } from "../operations/confirmation.ts";
import { called, type Look } from "../operations/look.ts";
import { isElsewhere, isSameGuest, leftItsNode } from "../operations/moved-guest.ts";
import type { Plan, PlannedCall } from "../operations/plan.ts";
import { TASK_LOG, TASK_STATUS } from "../proxmox/endpoints.ts";
import {
  OPERATION_RESULT,
  type OperationResult,
  operationResult,
  operationText,
} from "./operation-result.ts";
import { defineTool, type Tool, type ToolContext } from "./tool.ts";

/** An operation as a tool. */
export interface Operation<Input extends z.ZodObject>
  extends Pick<
    Tool<Input>,
    "name" | "title" | "description" | "mode" | "effect" | "recorded" | "input" | "calls"
  > {
  /** Reads, and says what would be done. @throws ProxmoxMcpError */
  plan(look: Look, args: z.output<Input>): Promise<Plan>;
  /**
   * Asks whether to go on: of what removes something for good. Then `confirm` has to name the guest,
   * and the person at the client is asked where that is possible. The notes of the plan are added.
   */
  readonly question?: (plan: Plan, args: z.output<Input>) => string;
}

// What the arguments of every operation hold; those that need no confirmation have none.
interface Common {
  readonly dry_run: boolean;
  readonly timeout: number;
  readonly confirm?: string | undefined;
}

/** A tool that plans an operation, and does it where it may. */
export function operationTool<Input extends z.ZodObject>(operation: Operation<Input>): Tool {
  const { plan: make, question, calls, ...rest } = operation;
  return defineTool<Input, typeof OPERATION_RESULT>({
    ...rest,
    calls: [...calls, TASK_STATUS, TASK_LOG],
    output: OPERATION_RESULT,
    async run(args, context) {
      const { dry_run: isDry, confirm } = args as unknown as Common;
      const plan = await make(context, args);
      context.about(targetOf(plan.target));
      if (isDry || plan.call === undefined) return operationResult(plan, isDry, []);
      if (question !== undefined) {
        requireConfirmation(plan.target, confirm);
        await context.approve(wordsOf(operation, plan, args));
      }
      return await carryOut(operation, plan, args, context);
    },
    text: operationText,
  }) as unknown as Tool;
}

async function carryOut<Input extends z.ZodObject>(
  operation: Operation<Input>,
  plan: Plan,
  args: z.output<Input>,
  context: ToolContext,
): Promise<OperationResult> {
  const { timeout } = args as unknown as Common;
  const begun = context.now();
  const { upid, current } = await start(operation, plan, args, context);
  context.started(upid);
  const task = await followTask(context, upid, { timeout, begun });
  return operationResult(current, false, [task]);
}

/** A guest that left its node between plan and call is planned for once more, where it is now. */
async function start<Input extends z.ZodObject>(
  operation: Operation<Input>,
  plan: Plan,
  args: z.output<Input>,
  context: ToolContext,
): Promise<{ readonly upid: string; readonly current: Plan }> {
  try {
    return { upid: await startTask(context, callOf(plan)), current: plan };
  } catch (error) {
    // Proxmox says so before it does anything.
    if (!(error instanceof ProxmoxMcpError) || error.code !== "GUEST_NOT_FOUND") throw error;
    const again = await operation.plan(context, args);
    if (again.call === undefined || !isElsewhere(plan, again)) throw error;
    // What holds of it now is part of what was agreed to.
    const here = { ...again, target: { ...again.target, node: plan.target.node } };
    const isAgreed = wordsOf(operation, here, args) === wordsOf(operation, plan, args);
    if (!isSameGuest(plan, again) || !isAgreed) {
      context.about(targetOf(plan.source ?? plan.target));
      throw leftItsNode(plan, again, error);
    }
    context.about(targetOf(again.target));
    return { upid: await startTask(context, again.call), current: again };
  }
}

/** The question with all that is agreed to. */
function wordsOf<Input extends z.ZodObject>(
  { question }: Operation<Input>,
  plan: Plan,
  args: z.output<Input>,
): string {
  if (question === undefined) return "";
  const notes = plan.notes.map((note) => `${note[0]?.toUpperCase() ?? ""}${note.slice(1)}.`);
  return [question(plan, args), ...notes].join(" ");
}

function callOf({ call }: Plan): PlannedCall {
  if (call === undefined) throw new TypeError("there is nothing to do");
  return call;
}

/** As in: VM 100 (web) on pve1. */
export function whom({ target }: Plan): string {
  return `${called(target)} on ${target.node}`;
}
