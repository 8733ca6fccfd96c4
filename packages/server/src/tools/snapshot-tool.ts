/** What tools that work on a snapshot of a guest of either type have in common. */
import type { Endpoint } from "../proxmox/endpoint.ts";
import {
  CLUSTER_RESOURCES,
  CONTAINER_SNAPSHOTS,
  CONTAINER_STATUS,
  VM_SNAPSHOTS,
  VM_STATUS,
} from "../proxmox/endpoints.ts";
import { NODE_OF_GUEST, VMID } from "./arguments.ts";
import { OPERATION_ARGUMENTS, SNAPSHOT } from "./operation-arguments.ts";

/** What is read before. */
export const SNAPSHOT_READS: readonly Endpoint[] = [
  CLUSTER_RESOURCES,
  VM_STATUS,
  CONTAINER_STATUS,
  VM_SNAPSHOTS,
  CONTAINER_SNAPSHOTS,
];

export const SNAPSHOT_ARGUMENTS: {
  readonly vmid: typeof VMID;
  readonly node: typeof NODE_OF_GUEST;
  readonly snapshot: typeof SNAPSHOT;
} & typeof OPERATION_ARGUMENTS = {
  vmid: VMID,
  node: NODE_OF_GUEST,
  snapshot: SNAPSHOT,
  ...OPERATION_ARGUMENTS,
};
