/** Finding a guest. Guests move between nodes, so each call looks where it is now. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Api } from "../proxmox/api.ts";
import type { GuestType } from "../proxmox/guest.ts";
import { clusterResources, type GuestResource } from "../proxmox/resources.ts";

/** Which guest is meant. */
export interface GuestQuestion {
  /** Left out: either. */
  readonly type?: GuestType | undefined;
  readonly vmid: number;
  readonly signal: AbortSignal;
}

/** What people call a guest of this type. */
export const KIND = { qemu: "VM", lxc: "container" } as const;

/** A guest as records name it: `qemu/100 web-1 on pve1`. */
export function targetOf({
  type,
  vmid,
  name,
  node,
}: Pick<GuestResource, "type" | "vmid" | "name" | "node">): string {
  return [`${type}/${vmid}`, ...(name === undefined ? [] : [name]), "on", node].join(" ");
}

/**
 * Finds a guest among all that the caller may see.
 *
 * @throws ProxmoxMcpError GUEST_NOT_FOUND where there is none of this id and type, NODE_UNREACHABLE
 * where its node is down.
 */
export async function findGuest(
  api: Api,
  { type, vmid, signal }: GuestQuestion,
): Promise<GuestResource> {
  const { guests, nodes } = await clusterResources(api, { signal });
  const guest = guests.find((candidate) => candidate.vmid === vmid);
  if (guest === undefined) {
    if (type === undefined) throw noGuest(vmid, "guest", Object.values(LIST).join(" and "));
    throw noGuest(vmid, KIND[type], LIST[type]);
  }
  if (type !== undefined && guest.type !== type) {
    throw new ProxmoxMcpError(
      "GUEST_NOT_FOUND",
      `${vmid} is a ${KIND[guest.type]}, no ${KIND[type]}`,
      {
        hint: `list the ${KIND[type]}s with ${LIST[type]}, or use a tool for ${KIND[guest.type]}s`,
      },
    );
  }
  if (nodes.some(({ node, status }) => node === guest.node && status === "offline")) {
    throw new ProxmoxMcpError(
      "NODE_UNREACHABLE",
      `${KIND[guest.type]} ${vmid} is on node ${guest.node}, which is offline`,
      { hint: `bring node ${guest.node} back, or wait until the guest runs on another one` },
    );
  }
  return guest;
}

/** @param lists the tools that list what there is. */
export function noGuest(vmid: number, what: string, lists: string): ProxmoxMcpError {
  return new ProxmoxMcpError("GUEST_NOT_FOUND", `there is no ${what} ${vmid}`, {
    hint: `list the guests with ${lists}; those without VM.Audit on /vms/${vmid} are hidden`,
  });
}

const LIST: Readonly<Record<GuestType, string>> = { qemu: "get_vms", lxc: "get_containers" };

/**
 * Reads something of a guest where it is. One that moves between the look and the call is looked for
 * once more.
 *
 * @throws ProxmoxMcpError as `findGuest` and `read` do.
 */
export async function readGuest<Answer>(
  api: Api,
  question: GuestQuestion,
  read: (guest: GuestResource) => Promise<Answer>,
): Promise<{ readonly guest: GuestResource; readonly answer: Answer }> {
  return readFoundGuest(api, question, await findGuest(api, question), read);
}

/**
 * As `readGuest`, where the guest was found before.
 *
 * @throws ProxmoxMcpError as `findGuest` and `read` do.
 */
export async function readFoundGuest<Answer>(
  api: Api,
  question: GuestQuestion,
  guest: GuestResource,
  read: (guest: GuestResource) => Promise<Answer>,
): Promise<{ readonly guest: GuestResource; readonly answer: Answer }> {
  try {
    return { guest, answer: await read(guest) };
  } catch (error) {
    if (!mayHaveMoved(error)) throw error;
    const found = await findGuest(api, question);
    if (found.node === guest.node) throw error;
    return { guest: found, answer: await read(found) };
  }
}

// A node that has lost the guest says that its configuration does not exist.
function mayHaveMoved(error: unknown): boolean {
  return (
    error instanceof ProxmoxMcpError &&
    ["PROXMOX_FAILED", "GUEST_NOT_FOUND", "NODE_UNREACHABLE"].includes(error.code)
  );
}
