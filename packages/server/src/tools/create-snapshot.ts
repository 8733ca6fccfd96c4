/** `create_snapshot`: keeps the state of a guest as it is now. */
import { z } from "zod";
import { planCreateSnapshot } from "../operations/snapshots.ts";
import { CONTAINER_SNAPSHOT_CREATE, VM_SNAPSHOT_CREATE } from "../proxmox/endpoints.ts";
import { choice, DESCRIPTION } from "./operation-arguments.ts";
import { operationTool } from "./operation-tool.ts";
import { SNAPSHOT_ARGUMENTS, SNAPSHOT_READS } from "./snapshot-tool.ts";
import type { Tool } from "./tool.ts";

export const createSnapshot: Tool = operationTool({
  name: "create_snapshot",
  title: "Take a snapshot of a guest",
  description:
    "Takes a snapshot of a virtual machine or a container, which rollback_snapshot can go back to. " +
    "It is no backup: it lies on the same storage. Waits for the end of the task and gives its exit " +
    "status and last log lines.",
  mode: "operate",
  effect: "change",
  recorded: ["vmid", "node", "snapshot", "with_memory", "dry_run", "timeout"],
  calls: [...SNAPSHOT_READS, VM_SNAPSHOT_CREATE, CONTAINER_SNAPSHOT_CREATE],
  input: z.strictObject({
    ...SNAPSHOT_ARGUMENTS,
    description: DESCRIPTION,
    with_memory: choice(
      "Of a running virtual machine: whether its memory is kept too, which takes longer and more space",
      false,
    ),
  }),
  plan: planCreateSnapshot,
});
