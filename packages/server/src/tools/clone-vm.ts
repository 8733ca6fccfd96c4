/** `clone_vm`: makes a virtual machine out of another one. */
import { z } from "zod";
import { planClone } from "../operations/clone-vm.ts";
import {
  CLUSTER_RESOURCES,
  NEXT_ID,
  VM_CLONE,
  VM_SNAPSHOTS,
  VM_STATUS,
} from "../proxmox/endpoints.ts";
import { NODE, NODE_OF_GUEST, STORAGE, VMID } from "./arguments.ts";
import {
  choice,
  DESCRIPTION,
  GUEST_NAME,
  NEW_VMID,
  OPERATION_ARGUMENTS,
  POOL,
  SNAPSHOT,
} from "./operation-arguments.ts";
import { operationTool } from "./operation-tool.ts";
import type { Tool } from "./tool.ts";

export const cloneVm: Tool = operationTool({
  name: "clone_vm",
  title: "Clone a virtual machine",
  description:
    "Makes a new virtual machine out of another one or out of a template: a full copy, or of a " +
    "template a linked clone, which shares its disks. It is not started. Waits for the end of the task " +
    "and gives its exit status and last log lines; a big disk takes longer than the timeout allows.",
  mode: "full",
  effect: "change",
  recorded: [
    "vmid",
    "node",
    "new_vmid",
    "name",
    "full",
    "snapshot",
    "storage",
    "target_node",
    "pool",
    "dry_run",
    "timeout",
  ],
  calls: [CLUSTER_RESOURCES, NEXT_ID, VM_STATUS, VM_SNAPSHOTS, VM_CLONE],
  input: z.strictObject({
    vmid: VMID.describe("Id of the virtual machine or template to clone"),
    node: NODE_OF_GUEST,
    new_vmid: NEW_VMID,
    name: GUEST_NAME.optional().describe("Name of the clone"),
    description: DESCRIPTION,
    full: choice("Whether to copy all disks; false makes a linked clone of a template", true),
    snapshot: SNAPSHOT.optional().describe("Clone this snapshot, not the present state"),
    storage: STORAGE.optional().describe("Storage for the copied disks; left out, the same as now"),
    target_node: NODE.optional().describe("Node for the clone; another one needs shared storage"),
    pool: POOL,
    ...OPERATION_ARGUMENTS,
  }),
  plan: planClone,
});
