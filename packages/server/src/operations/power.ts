/** Starting, stopping, shutting down and rebooting a guest. */

import type { GuestType } from "../proxmox/guest.ts";
import { GUEST_POWER, type PowerAction } from "../proxmox/guest-operations.ts";
import { called, type GuestNow, type Look, lookAt, refuseLocked } from "./look.ts";
import { type Plan, planned } from "./plan.ts";
import { refused } from "./refused.ts";

/** Which guest, and what is to become of it. */
export interface PowerQuestion {
  readonly action: PowerAction;
  readonly type: GuestType;
  readonly vmid: number;
}

/** @throws ProxmoxMcpError GUEST_STATE where its state forbids it. */
export async function planPower(look: Look, { action, type, vmid }: PowerQuestion): Promise<Plan> {
  const guest = await lookAt(look, { type, vmid });
  const idle = alreadyThere(guest, action);
  if (idle !== undefined) return { target: guest, call: undefined, notes: [idle] };
  refuseImpossible(guest, action);
  const { node } = guest;
  return {
    target: guest,
    call: planned(GUEST_POWER[action][type], { values: { node, vmid } }),
    notes: notesOn(guest, action),
  };
}

function alreadyThere(guest: GuestNow, action: PowerAction): string | undefined {
  if (action === "start" && guest.running) {
    return guest.paused
      ? `${called(guest)} runs already, but is paused: nothing was done`
      : `${called(guest)} runs already: nothing was done`;
  }
  if ((action === "stop" || action === "shutdown") && !guest.running) {
    return `${called(guest)} does not run: nothing was done`;
  }
  return undefined;
}

function refuseImpossible(guest: GuestNow, action: PowerAction): void {
  if (guest.template) {
    throw refused(`${called(guest)} is a template, which does not run`, "clone it with clone_vm");
  }
  if (action === "reboot" && !guest.running) {
    const tool = guest.type === "qemu" ? "start_vm" : "start_container";
    throw refused(`${called(guest)} does not run`, `start it with ${tool}`);
  }
  // A machine that was suspended to disk is resumed by its start.
  refuseLocked(guest, action === "start" ? "suspended" : undefined);
}

function notesOn(guest: GuestNow, action: PowerAction): readonly string[] {
  const loss = "it is switched off without warning: what its programs have not saved is lost";
  const later =
    "high availability manages it: the task hands the wish over, and the guest follows a little later";
  return [...(action === "stop" ? [loss] : []), ...(guest.managed ? [later] : [])];
}
