/** What Proxmox left out of its answers without saying so, and what could not be asked. */
import type { Api } from "../proxmox/api.ts";
import type { Need } from "../proxmox/endpoint.ts";
import { PERMISSIONS } from "../proxmox/endpoints.ts";
import { hasPrivilege, type Permissions, permissions } from "../proxmox/permissions.ts";
import type { Gaps } from "./gaps.ts";

/** A list that is shortened to what the caller may see, and what it needs to be whole. */
export interface Shortened extends Need {
  readonly facts: readonly string[];
  readonly what: string;
}

/** All guests. */
export const GUESTS: Shortened = {
  facts: ["guests"],
  what: "guests that this token may not see",
  anyOf: ["VM.Audit"],
  on: "/vms",
};

/** All storages. */
export const STORAGES: Shortened = {
  facts: ["storages"],
  what: "storages that this token may not see",
  anyOf: ["Datastore.Audit", "Datastore.AllocateSpace"],
  on: "/storage",
};

/** What is used on a node; Proxmox lists each, and its measures to those who may see them. */
export function measuresOf(node?: string): Shortened {
  return {
    facts: ["nodes"],
    what: node === undefined ? "nodes that this token may not see into" : `use of node ${node}`,
    anyOf: ["Sys.Audit"],
    on: node === undefined ? "/nodes" : `/nodes/${node}`,
  };
}

/** Asks what the caller may see, and notes the lists that are not complete for want of it. */
export async function noteHidden(
  api: Api,
  lists: readonly Shortened[],
  gaps: Gaps,
  signal: AbortSignal,
): Promise<void> {
  const granted = await gaps.attempt({
    facts: lists.flatMap(({ facts }) => facts),
    what: "what this token may see",
    endpoint: PERMISSIONS,
    values: {},
    read: () => permissions(api, { signal }),
  });
  if (granted !== undefined) noteShortened(granted, lists, gaps);
}

/** Notes the lists that are not complete for want of a privilege. */
export function noteShortened(granted: Permissions, lists: readonly Shortened[], gaps: Gaps): void {
  for (const { facts, what, anyOf, on } of lists) {
    if (anyOf.some((privilege) => hasPrivilege(granted, on, privilege))) continue;
    gaps.note({
      facts,
      what,
      code: "PROXMOX_FORBIDDEN",
      why: "Proxmox lists only what the token may see",
      missingPrivilege: `${anyOf.join(" or ")} on ${on}`,
    });
  }
}

/** Notes something that only a node knows which is down. */
export function noteDown(
  { facts, what, node }: Pick<Shortened, "facts" | "what"> & { readonly node: string },
  gaps: Gaps,
): void {
  const why = `node ${node} is not online`;
  gaps.note({ facts, what, code: "NODE_UNREACHABLE", why, missingPrivilege: null });
}

/** Notes elements of a list that could not be read. */
export function noteUnreadable(
  { facts, what, unreadable }: Pick<Shortened, "facts" | "what"> & { readonly unreadable: number },
  gaps: Gaps,
): void {
  if (unreadable === 0) return;
  const why = `${unreadable} of its entries could not be read`;
  gaps.note({ facts, what, code: "PROXMOX_ANSWER", why, missingPrivilege: null });
}
