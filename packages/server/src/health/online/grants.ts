/**
 * The commands that give missing privileges without taking others away.
 *
 * In Proxmox an entry for a path hides what comes down to that path from above, and an entry for a user
 * hides those of its groups at the same path. So a role is given where entries in force stand, in most
 * cases at `/`, and it holds all that the tools need there, what they have already too. At `/` it
 * gives no more than below it: a privilege for guests counts on guests alone.
 */
import type { Need } from "../../proxmox/endpoint.ts";
import type { Permissions } from "../../proxmox/permissions.ts";
import { collectionOf, type MissingPrivilege } from "./missing-privileges.ts";
import { privilegeIn } from "./privilege-names.ts";

/** Who is to get them. */
export interface Grantee {
  /** With realm, as in `root@pam`. */
  readonly user: string;
  readonly tokenName?: string | undefined;
}

/** A role for one path. */
export interface Grant {
  readonly path: string;
  /** Named after what it holds: if there is one of this name, it is the right one. */
  readonly role: string;
  readonly privileges: readonly string[];
  /** For a shell on a node, as root. */
  readonly commands: readonly string[];
  /** The same for the user of a token, only if that one lacks the privileges as well. */
  readonly forUser: string | undefined;
}

/** What a grant depends on. */
export interface GrantFacts {
  readonly granted: Permissions;
  readonly grantee: Grantee;
  /** Of Proxmox VE, as in `9.2.11`: privileges have other names before 9. */
  readonly release: string;
  /** All that the tools need, missing or not. */
  readonly needs: readonly Need[];
}

/** The one user who needs no entry anywhere. */
const SUPERUSER = "root@pam";

/** One grant for each path that needs an entry, sorted by path. */
export function grantsFor(
  missing: readonly MissingPrivilege[],
  { granted, grantee, release, needs }: GrantFacts,
): readonly Grant[] {
  const paths = missing.flatMap(({ path, except }) =>
    except.length > 0 ? except : [entryFor(granted, path)],
  );
  return [...new Set(paths)].sort().map((path) => {
    const names = needs
      .filter((need) => counts(need, path))
      .map(({ anyOf }) => privilegeIn(release, anyOf));
    const privileges = [...new Set(names)].sort();
    const role = `ProxmoxMcp-${privileges.join("-")}`;
    const give = (to: string) => `pveum acl modify ${quoted(path)} ${to} --roles ${role}`;
    const { user, tokenName } = grantee;
    const toUser = give(`--users ${quoted(user)}`);
    const toToken = give(`--tokens ${quoted(`${user}!${tokenName}`)}`);
    return {
      path,
      role,
      privileges,
      commands: [
        `pveum role add ${role} --privs ${privileges.join(",")}`,
        tokenName === undefined ? toUser : toToken,
      ],
      forUser: tokenName === undefined || user === SUPERUSER ? undefined : toUser,
    };
  });
}

/** Whether a need can be met by an entry for this path. */
function counts({ on }: Need, path: string): boolean {
  const collection = collectionOf(on);
  return isBelow(collection, path) || (collection !== on && isBelow(path, collection));
}

function isBelow(path: string, above: string): boolean {
  return above === "/" || path === above || path.startsWith(`${above}/`);
}

/** The path itself where it has an entry of its own, else `/`. */
function entryFor(granted: Permissions, path: string): string {
  const here = Object.keys(granted[path] ?? {}).sort();
  const fromAbove = Object.entries(granted["/"] ?? {})
    .filter(([, propagates]) => propagates)
    .map(([name]) => name)
    .sort();
  return here.join() === fromAbove.join() ? "/" : path;
}

/** As a shell reads it back. */
function quoted(text: string): string {
  return /^[\w@./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
