/** What the caller may do. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { PERMISSIONS } from "./endpoints.ts";
import { flag, parseData } from "./parse.ts";

/** Path of the access control list -> privilege -> whether it holds for the paths below too. */
export type Permissions = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

const schema = z.record(z.string(), z.record(z.string(), flag));

export async function permissions(api: Api, { signal }: Abortable = {}): Promise<Permissions> {
  return parseData(PERMISSIONS, schema, await api.call(PERMISSIONS, { values: {}, signal }));
}

/** Whether a privilege holds on a path: given there, or coming down from above. */
export function hasPrivilege(granted: Permissions, path: string, privilege: string): boolean {
  const here = privilegesOn(granted, path);
  if (here !== undefined) return Object.hasOwn(here, privilege);
  return path !== "/" && reachesBelow(granted, parentOf(path), privilege);
}

/** Whether a privilege holds on the paths below a path, save those that the list names itself. */
export function reachesBelow(granted: Permissions, path: string, privilege: string): boolean {
  const here = privilegesOn(granted, path);
  const isPassedOver = here !== undefined && isForThisPathAlone(here);
  if (here !== undefined && !isPassedOver) return here[privilege] === true;
  return path !== "/" && reachesBelow(granted, parentOf(path), privilege);
}

type Privileges = Permissions[string];

// Proxmox lists them whenever the caller has anything there.
const ALWAYS_LISTED: ReadonlySet<string> = new Set(["/", "/nodes", "/storage", "/vms"]);

function privilegesOn(granted: Permissions, path: string): Privileges | undefined {
  if (Object.hasOwn(granted, path)) return granted[path];
  return ALWAYS_LISTED.has(path) ? {} : undefined;
}

/** Entries that do not propagate hide nothing of what comes from further up. */
function isForThisPathAlone(privileges: Privileges): boolean {
  const propagates = Object.values(privileges);
  return propagates.length > 0 && !propagates.includes(true);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
