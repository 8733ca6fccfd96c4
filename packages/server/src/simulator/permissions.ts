/** Who may do what: the access control list, computed as Proxmox computes it. */
import type { AccessControl, Grant } from "./access-control.ts";
import { forbidden } from "./refusal.ts";

/** Privileges at a path; the value tells whether they reach the paths below. */
export type Privileges = ReadonlyMap<string, boolean>;

/** The one user to whom no list applies. */
const SUPERUSER = "root@pam";

/** Splits `bob@pve!t1` into the user and the token. */
export function splitUserid(userid: string): { readonly user: string; readonly token?: string } {
  const [user = "", token] = userid.split("!");
  return token === undefined ? { user } : { user, token };
}

/** What a user or a token may do at a path. */
export function privilegesAt(access: AccessControl, userid: string, path: string): Privileges {
  const { user, token } = splitUserid(userid);
  if (token === undefined) {
    return user === SUPERUSER ? everything(access) : privilegesOf(access, userid, path);
  }
  const ofUser = privilegesAt(access, user, path);
  if (access.users[user]?.tokens[token]?.privsep !== true) return ofUser;
  const both = [...privilegesOf(access, userid, path)].flatMap(([privilege, propagates]) => {
    const users = ofUser.get(privilege);
    return users === undefined ? [] : [[privilege, users && propagates] as const];
  });
  return new Map(both);
}

/**
 * Demands one of these privileges at a path.
 *
 * @param path undefined where no path could be made of the parameters.
 * @throws Refusal with the path and what is missing there.
 */
export function demand(
  access: AccessControl,
  userid: string,
  path: string | undefined,
  anyOf: readonly string[],
): void {
  if (userid === SUPERUSER) return;
  const privileges = path === undefined ? new Map() : privilegesAt(access, userid, path);
  if (anyOf.some((privilege) => privileges.has(privilege))) return;
  throw forbidden(`${path ?? ""}, ${anyOf.join("|")}`);
}

/** Whether one of these privileges is there. */
export function may(
  access: AccessControl,
  userid: string,
  path: string,
  ...anyOf: readonly string[]
): boolean {
  const privileges = privilegesAt(access, userid, path);
  return anyOf.some((privilege) => privileges.has(privilege));
}

/** Tells of the things below a path which ones may be seen: a list of thousands is gone through once. */
export function visible(
  access: AccessControl,
  userid: string,
  above: string,
  ...anyOf: readonly string[]
): (id: string | number) => boolean {
  const named = new Set(access.grants.map(({ path }) => path));
  const others = may(access, userid, `${above}/-`, ...anyOf);
  return (id) => {
    const path = `${above}/${id}`;
    return named.has(path) ? may(access, userid, path, ...anyOf) : others;
  };
}

/** Every path that the list or Proxmox itself names, with the privileges there. */
export function effectivePermissions(
  access: AccessControl,
  userid: string,
): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const paths = new Set(["/", "/access", "/nodes", "/storage", "/vms"]);
  for (const { path } of access.grants) paths.add(path);
  const entries = [...paths].map((path) => {
    const privileges = [...privilegesAt(access, userid, path)];
    return [path, Object.fromEntries(privileges.map(([name, on]) => [name, +on]))] as const;
  });
  return Object.fromEntries(entries.filter(([, granted]) => Object.keys(granted).length > 0));
}

function everything({ roles }: AccessControl): Privileges {
  return new Map((roles["Administrator"] ?? []).map((privilege) => [privilege, true]));
}

function privilegesOf(access: AccessControl, userid: string, path: string): Privileges {
  const privileges = new Map<string, boolean>();
  for (const [role, propagates] of rolesAt(access, userid, path)) {
    for (const privilege of access.roles[role] ?? []) {
      privileges.set(privilege, privileges.get(privilege) === true || propagates);
    }
  }
  return privileges;
}

// Going down from the root, what is said at a place replaces what was said above it; what is said of
// the user replaces what is said of groups.
function rolesAt(
  access: AccessControl,
  userid: string,
  path: string,
): ReadonlyMap<string, boolean> {
  const { user, token } = splitUserid(userid);
  const groups = token === undefined ? (access.users[user]?.groups ?? []) : [];
  const type = token === undefined ? "user" : "token";
  let roles: ReadonlyMap<string, boolean> = new Map();
  for (const place of placesDownTo(path)) {
    const here = access.grants.filter(
      (grant) => grant.path === place && (grant.propagate || place === path),
    );
    const own = here.filter((grant) => grant.type === type && grant.ugid === userid);
    const byGroup = here.filter(({ type: of, ugid }) => of === "group" && groups.includes(ugid));
    if (own.length > 0) roles = asRoles(own);
    else if (byGroup.length > 0) roles = asRoles(byGroup);
  }
  return roles.has("NoAccess") ? new Map() : roles;
}

function asRoles(grants: readonly Grant[]): ReadonlyMap<string, boolean> {
  return new Map(grants.map(({ roleid, propagate }) => [roleid, propagate]));
}

function placesDownTo(path: string): readonly string[] {
  const segments = path.split("/").filter((segment) => segment !== "");
  return ["/", ...segments.map((_, index) => `/${segments.slice(0, index + 1).join("/")}`)];
}
