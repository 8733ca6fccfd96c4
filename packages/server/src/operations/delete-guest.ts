/** Removing a guest with its disks. */

import { type GuestConfig, type GuestType, guestConfig } from "../proxmox/guest.ts";
import { GUEST_DELETE } from "../proxmox/guest-operations.ts";
import { called, type GuestNow, type Look, lookAt, refuseLocked } from "./look.ts";
import { type Plan, planned } from "./plan.ts";
import { refused } from "./refused.ts";

/** Which guest, and whether jobs and high availability forget it too. */
export interface DeleteQuestion {
  readonly type: GuestType;
  readonly vmid: number;
  readonly purge: boolean;
}

/** @throws ProxmoxMcpError GUEST_STATE where it runs, is locked, protected or managed. */
export async function planDelete(look: Look, { type, vmid, purge }: DeleteQuestion): Promise<Plan> {
  const guest = await lookAt(look, { type, vmid });
  const { node } = guest;
  const config = await guestConfig(look.api, { type, node, vmid, signal: look.signal });
  refuseKept(guest, config, purge);
  const parameters = { purge: purge ? true : undefined };
  return {
    target: guest,
    call: planned(GUEST_DELETE[type], { values: { node, vmid }, parameters }),
    notes: [
      "its disks and snapshots are removed with it; its backups stay",
      ...(purge ? ["backup jobs, replication and high availability forget it"] : []),
    ],
  };
}

function refuseKept(guest: GuestNow, config: GuestConfig, purge: boolean): void {
  if (Number(config["protection"] ?? 0) === 1) {
    throw refused(
      `${called(guest)} is protected`,
      "its option protection has to be taken off by a person first",
    );
  }
  if (guest.running) {
    const tool = guest.type === "qemu" ? "shutdown_vm" : "shutdown_container";
    throw refused(`${called(guest)} runs`, `shut it down with ${tool} first`);
  }
  if (guest.managed && !purge) {
    throw refused(
      `${called(guest)} is managed by high availability`,
      "call again with purge true, which takes it out of there too",
    );
  }
  refuseLocked(guest);
}
