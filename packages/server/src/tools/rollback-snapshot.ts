/** `rollback_snapshot`: puts a guest back to a snapshot. */
import { z } from "zod";
import { planRollback } from "../operations/snapshots.ts";
import { CONTAINER_SNAPSHOT_ROLLBACK, VM_SNAPSHOT_ROLLBACK } from "../proxmox/endpoints.ts";
import { CONFIRM, choice } from "./operation-arguments.ts";
import { operationTool, whom } from "./operation-tool.ts";
import { SNAPSHOT_ARGUMENTS, SNAPSHOT_READS } from "./snapshot-tool.ts";
import type { Tool } from "./tool.ts";

export const rollbackSnapshot: Tool = operationTool({
  name: "rollback_snapshot",
  title: "Put a guest back to a snapshot",
  description:
    "Puts a virtual machine or a container back to a snapshot. All that was written since is lost " +
    "for good; a guest that runs is stopped. Needs confirm, and asks the person at the client where " +
    "that is possible. Waits for the end of the task and gives its exit status and last log lines.",
  mode: "full",
  effect: "destroy",
  recorded: ["vmid", "node", "snapshot", "start", "dry_run", "timeout"],
  calls: [...SNAPSHOT_READS, VM_SNAPSHOT_ROLLBACK, CONTAINER_SNAPSHOT_ROLLBACK],
  input: z.strictObject({
    ...SNAPSHOT_ARGUMENTS,
    start: choice("Whether to start the guest afterwards", false),
    confirm: CONFIRM,
  }),
  plan: planRollback,
  question: (plan, { snapshot }) => `Put ${whom(plan)} back to its snapshot ${snapshot}?`,
});
