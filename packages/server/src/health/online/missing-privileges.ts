/** Which needs the permissions of a caller do not meet, or not everywhere. */
import type { Need } from "../../proxmox/endpoint.ts";
import { hasPrivilege, type Permissions, reachesBelow } from "../../proxmox/permissions.ts";

/** A need that is not met, or met in part. */
export interface MissingPrivilege<Wanted extends Need = Need> {
  readonly need: Wanted;
  /** Where it must be given to meet the need everywhere: `/vms` for a need on `/vms/{vmid}`. */
  readonly path: string;
  /** The paths below that have it all the same; where there are none, the need is not met at all. */
  readonly only: readonly string[];
  /** The paths below that lack it, while all others have it. */
  readonly except: readonly string[];
}

/** Whether some things can be reached, and others not. */
export function isPartly({ only, except }: MissingPrivilege): boolean {
  return only.length > 0 || except.length > 0;
}

/**
 * Compares what a caller may do with what is needed.
 *
 * A need on a path with a placeholder, as `/vms/{vmid}`, is met by a privilege that comes down to all
 * paths of this kind. Where only some have it, it is met in part.
 *
 * @param granted the answer of `GET /access/permissions`.
 * @returns the needs that are not met, in their order.
 */
export function missingPrivileges<Wanted extends Need>(
  granted: Permissions,
  needs: readonly Wanted[],
): readonly MissingPrivilege<Wanted>[] {
  return needs.flatMap((need): readonly MissingPrivilege<Wanted>[] => {
    const path = collectionOf(need.on);
    const isMet = (at: string) => need.anyOf.some((name) => hasPrivilege(granted, at, name));
    if (path === need.on) return isMet(path) ? [] : [{ need, path, only: [], except: [] }];
    const below = Object.keys(granted)
      .filter((at) => parentOf(at) === path)
      .sort();
    if (!need.anyOf.some((name) => reachesBelow(granted, path, name))) {
      return [{ need, path, only: below.filter(isMet), except: [] }];
    }
    const except = below.filter((at) => !isMet(at));
    return except.length === 0 ? [] : [{ need, path, only: [], except }];
  });
}

/** The path above a placeholder: `/vms` for `/vms/{vmid}`; any other path itself. */
export function collectionOf(on: string): string {
  return on.replace(/\/\{\w+\}$/, "");
}

function parentOf(path: string): string | undefined {
  return path === "/" ? undefined : path.slice(0, path.lastIndexOf("/"));
}
