/** Taking, removing and going back to snapshots of a guest, a machine or a container. */

import { guestSnapshots, type Snapshot } from "../proxmox/guest.ts";
import {
  SNAPSHOT_CREATE,
  SNAPSHOT_DELETE,
  SNAPSHOT_ROLLBACK,
} from "../proxmox/guest-operations.ts";
import { called, type GuestNow, type Look, lookAt, refuseLocked } from "./look.ts";
import { type Plan, planned } from "./plan.ts";
import { refused } from "./refused.ts";

/** Which snapshot. */
interface OfSnapshot {
  readonly vmid: number;
  readonly snapshot: string;
}

/** A guest with its snapshots, as they are now. */
export async function lookAtSnapshots(
  look: Look,
  vmid: number,
): Promise<{ readonly guest: GuestNow; readonly snapshots: readonly Snapshot[] }> {
  const guest = await lookAt(look, { vmid });
  return { guest, snapshots: await snapshotsOf(look, guest) };
}

/** @throws ProxmoxMcpError GUEST_STATE where the guest has no snapshot of this name. */
export async function findSnapshot(look: Look, guest: GuestNow, wanted: string): Promise<Snapshot> {
  const snapshots = await snapshotsOf(look, guest);
  const found = snapshots.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw refused(
    `${called(guest)} has no snapshot ${wanted}`,
    "list_snapshots shows those there are",
  );
}

async function snapshotsOf(
  { api, signal }: Look,
  { type, node, vmid }: GuestNow,
): Promise<readonly Snapshot[]> {
  const { items } = await guestSnapshots(api, { type, node, vmid, signal });
  return items;
}

/** @throws ProxmoxMcpError GUEST_STATE where its state forbids it. */
export async function planCreateSnapshot(
  look: Look,
  wanted: OfSnapshot & { readonly description?: string | undefined; readonly with_memory: boolean },
): Promise<Plan> {
  const { vmid, snapshot: snapname, description, with_memory: withMemory } = wanted;
  const { guest, snapshots } = await lookAtSnapshots(look, vmid);
  const { type, node } = guest;
  if (type === "lxc" && withMemory) {
    throw refused(
      `${called(guest)} is a container, whose memory cannot be kept`,
      "leave with_memory out",
    );
  }
  if (snapshots.some(({ name }) => name === snapname)) {
    throw refused(
      `${called(guest)} has a snapshot ${snapname} already`,
      "take another name; list_snapshots shows those there are",
    );
  }
  refuseLocked(guest);
  const values = { node, vmid };
  const keepsMemory = withMemory && guest.running;
  const call =
    type === "qemu"
      ? planned(SNAPSHOT_CREATE.qemu, {
          values,
          parameters: { snapname, description, vmstate: keepsMemory ? true : undefined },
        })
      : planned(SNAPSHOT_CREATE.lxc, { values, parameters: { snapname, description } });
  const notes =
    withMemory && !guest.running ? ["it does not run, so there is no memory to keep"] : [];
  return { target: guest, call, notes };
}

/** @throws ProxmoxMcpError GUEST_STATE where there is none of this name, or its state forbids it. */
export async function planDeleteSnapshot(
  look: Look,
  { vmid, snapshot: snapname }: OfSnapshot,
): Promise<Plan> {
  const { guest } = await lookAtSnapshot(look, { vmid, snapshot: snapname });
  const { type, node } = guest;
  const call = planned(SNAPSHOT_DELETE[type], { values: { node, vmid, snapname } });
  return { target: guest, call, notes: ["nobody can go back to this snapshot afterwards"] };
}

/** @throws ProxmoxMcpError GUEST_STATE where there is none of this name, or its state forbids it. */
export async function planRollback(
  look: Look,
  { vmid, snapshot: snapname, start }: OfSnapshot & { readonly start: boolean },
): Promise<Plan> {
  const { guest, snapshot } = await lookAtSnapshot(look, { vmid, snapshot: snapname });
  const { type, node } = guest;
  const taken = snapshot.snaptime;
  const since = taken === undefined ? "" : ` of ${new Date(taken * 1000).toISOString()}`;
  const call = planned(SNAPSHOT_ROLLBACK[type], {
    values: { node, vmid, snapname },
    parameters: { start: start ? true : undefined },
  });
  const notes = [
    `all that was written since the snapshot${since} is lost`,
    ...(guest.running ? ["it runs now, and is stopped first"] : []),
    ...(start ? ["it is started afterwards"] : []),
  ];
  return { target: guest, call, notes };
}

async function lookAtSnapshot(
  look: Look,
  { vmid, snapshot: wanted }: OfSnapshot,
): Promise<{ readonly guest: GuestNow; readonly snapshot: Snapshot }> {
  const guest = await lookAt(look, { vmid });
  const snapshot = await findSnapshot(look, guest, wanted);
  refuseLocked(guest);
  return { guest, snapshot };
}
