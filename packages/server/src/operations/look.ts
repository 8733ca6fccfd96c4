/** How a guest is now, as its node tells it: lists of the cluster lag behind by seconds. */
import { KIND, readGuest, targetOf } from "../guests/find-guest.ts";
import type { Api } from "../proxmox/api.ts";
import { type GuestType, guestStatus } from "../proxmox/guest.ts";
import type { PlanTarget } from "./plan.ts";
import { refused } from "./refused.ts";

/** What plans are made with. */
export interface Look {
  readonly api: Api;
  readonly signal: AbortSignal;
  /** Told of each guest that is found. */
  readonly about: (target: string) => void;
}

/** A guest where it is now. */
export interface GuestNow extends PlanTarget {
  readonly running: boolean;
  readonly paused: boolean;
  readonly template: boolean;
  /** What holds it, as in `backup`. */
  readonly lock: string | undefined;
  /** Whether high availability manages it. */
  readonly managed: boolean;
}

/**
 * @param of.type left out: either.
 * @throws ProxmoxMcpError GUEST_NOT_FOUND, NODE_UNREACHABLE, and whatever a call throws.
 */
export async function lookAt(
  { api, signal, about }: Look,
  { type, vmid }: { readonly type?: GuestType; readonly vmid: number },
): Promise<GuestNow> {
  const { guest, answer } = await readGuest(api, { type, vmid, signal }, (found) => {
    about(targetOf(found));
    return guestStatus(api, { type: found.type, node: found.node, vmid, signal });
  });
  const target = { type: guest.type, vmid, name: answer.name ?? guest.name, node: guest.node };
  about(targetOf(target));
  return {
    ...target,
    running: answer.status === "running",
    paused: answer.qmpstatus === "paused" || answer.qmpstatus === "suspended",
    template: answer.template ?? guest.template,
    lock: answer.lock,
    managed: answer.ha?.managed ?? false,
  };
}

/** As in: VM 100 (web). */
export function called({ type, vmid, name }: Pick<PlanTarget, "type" | "vmid" | "name">): string {
  return `${KIND[type]} ${vmid}${name === undefined ? "" : ` (${name})`}`;
}

/** @throws ProxmoxMcpError GUEST_STATE where a task holds the guest. */
export function refuseLocked(guest: GuestNow, allowed?: string): void {
  if (guest.lock === undefined || guest.lock === allowed) return;
  throw refused(
    `${called(guest)} is locked (${guest.lock})`,
    "another task works on it: wait for its end, then call again",
  );
}
