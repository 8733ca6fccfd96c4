/** The calls that change guests, by the type of guest. */
import type { Abortable, Api } from "./api.ts";
import {
  CONTAINER_DELETE,
  CONTAINER_REBOOT,
  CONTAINER_SHUTDOWN,
  CONTAINER_SNAPSHOT_CREATE,
  CONTAINER_SNAPSHOT_DELETE,
  CONTAINER_SNAPSHOT_ROLLBACK,
  CONTAINER_START,
  CONTAINER_STOP,
  NEXT_ID,
  VM_DELETE,
  VM_REBOOT,
  VM_SHUTDOWN,
  VM_SNAPSHOT_CREATE,
  VM_SNAPSHOT_DELETE,
  VM_SNAPSHOT_ROLLBACK,
  VM_START,
  VM_STOP,
} from "./endpoints.ts";
import type { ByType } from "./guest.ts";
import { integer, parseData } from "./parse.ts";

/** What can be done to the power of a guest. */
export type PowerAction = "start" | "stop" | "shutdown" | "reboot";

export const GUEST_POWER: {
  readonly start: ByType<typeof VM_START, typeof CONTAINER_START>;
  readonly stop: ByType<typeof VM_STOP, typeof CONTAINER_STOP>;
  readonly shutdown: ByType<typeof VM_SHUTDOWN, typeof CONTAINER_SHUTDOWN>;
  readonly reboot: ByType<typeof VM_REBOOT, typeof CONTAINER_REBOOT>;
} = {
  start: { qemu: VM_START, lxc: CONTAINER_START },
  stop: { qemu: VM_STOP, lxc: CONTAINER_STOP },
  shutdown: { qemu: VM_SHUTDOWN, lxc: CONTAINER_SHUTDOWN },
  reboot: { qemu: VM_REBOOT, lxc: CONTAINER_REBOOT },
};

export const SNAPSHOT_CREATE: ByType<typeof VM_SNAPSHOT_CREATE, typeof CONTAINER_SNAPSHOT_CREATE> =
  { qemu: VM_SNAPSHOT_CREATE, lxc: CONTAINER_SNAPSHOT_CREATE };
export const SNAPSHOT_DELETE: ByType<typeof VM_SNAPSHOT_DELETE, typeof CONTAINER_SNAPSHOT_DELETE> =
  { qemu: VM_SNAPSHOT_DELETE, lxc: CONTAINER_SNAPSHOT_DELETE };
export const SNAPSHOT_ROLLBACK: ByType<
  typeof VM_SNAPSHOT_ROLLBACK,
  typeof CONTAINER_SNAPSHOT_ROLLBACK
> = { qemu: VM_SNAPSHOT_ROLLBACK, lxc: CONTAINER_SNAPSHOT_ROLLBACK };
export const GUEST_DELETE: ByType<typeof VM_DELETE, typeof CONTAINER_DELETE> = {
  qemu: VM_DELETE,
  lxc: CONTAINER_DELETE,
};

/**
 * An id that no guest of the cluster has, those that the caller may not see counted.
 *
 * @param of.vmid whether this one is free; default: the lowest that is.
 * @throws ProxmoxMcpError PROXMOX_INVALID where the one that was given is taken.
 */
export async function nextId(
  api: Api,
  { vmid, signal }: Abortable & { readonly vmid?: number | undefined } = {},
): Promise<number> {
  const data = await api.call(NEXT_ID, { values: {}, parameters: { vmid }, signal });
  return parseData(NEXT_ID, integer, data);
}
