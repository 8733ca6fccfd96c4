/** Who may do what: a token that a platform handed out, and its permissions. */
import { Refusal } from "./call.ts";
import { readState, writeState } from "./state.ts";

export type Access = "none" | "read" | "write";

/** Permissions by their names, such as `contents` or `secrets`. */
export type Permissions = Readonly<Record<string, Access>>;

const LEVELS: readonly Access[] = ["none", "read", "write"];

/** Every token that was handed out. */
export function tokens(world: string): Readonly<Record<string, Permissions>> {
  return readState(world, "tokens.json", {});
}

/** Hands a token out. @returns it. */
export function grant(world: string, token: string, permissions: Permissions): string {
  writeState(world, "tokens.json", { ...tokens(world), [token]: permissions });
  return token;
}

/** Whether permissions hold an access, or a higher one. */
export function allows(permissions: Permissions, permission: string, access: Access): boolean {
  return LEVELS.indexOf(permissions[permission] ?? "none") >= LEVELS.indexOf(access);
}

/** @throws Refusal as the platform words it, for a token that is unknown or may not do it. */
export function mustAllow(
  world: string,
  token: string | undefined,
  permission: string,
  access: Access,
): void {
  const permissions = token === undefined ? undefined : tokens(world)[token];
  if (permissions === undefined) throw new Refusal("HTTP 401: Bad credentials", 1);
  if (!allows(permissions, permission, access))
    throw new Refusal(`HTTP 403: Resource not accessible: needs ${permission}: ${access}`, 1);
}
