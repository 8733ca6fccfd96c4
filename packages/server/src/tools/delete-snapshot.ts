/** `delete_snapshot`: removes a snapshot of a guest. */
import { z } from "zod";
import { planDeleteSnapshot } from "../operations/snapshots.ts";
import { CONTAINER_SNAPSHOT_DELETE, VM_SNAPSHOT_DELETE } from "../proxmox/endpoints.ts";
import { CONFIRM } from "./operation-arguments.ts";
import { operationTool, whom } from "./operation-tool.ts";
import { SNAPSHOT_ARGUMENTS, SNAPSHOT_READS } from "./snapshot-tool.ts";
import type { Tool } from "./tool.ts";

export const deleteSnapshot: Tool = operationTool({
  name: "delete_snapshot",
  title: "Remove a snapshot of a guest",
  description:
    "Removes a snapshot of a virtual machine or a container; the guest itself stays as it is, and " +
    "nobody can go back to the snapshot afterwards. Needs confirm, and asks the person at the client " +
    "where that is possible. Waits for the end of the task and gives its exit status and last log lines.",
  mode: "full",
  effect: "destroy",
  recorded: ["vmid", "node", "snapshot", "dry_run", "timeout"],
  calls: [...SNAPSHOT_READS, VM_SNAPSHOT_DELETE, CONTAINER_SNAPSHOT_DELETE],
  input: z.strictObject({ ...SNAPSHOT_ARGUMENTS, confirm: CONFIRM }),
  plan: planDeleteSnapshot,
  question: (plan, { snapshot }) => `Remove the snapshot ${snapshot} of ${whom(plan)}?`,
});
