/** Who calls: an API token in a header, or a ticket in a cookie. */
import type { User } from "./access-control.ts";
import { splitUserid } from "./permissions.ts";
import { Refusal } from "./refusal.ts";
import type { Method } from "./route.ts";
import { type State, seconds } from "./state.ts";
import { isCsrfToken, userOfTicket } from "./tickets.ts";

export interface Credentials {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly csrfToken: string | undefined;
}

/**
 * Finds out who calls.
 *
 * @returns `root@pam` or `root@pam!full`.
 * @throws Refusal 401, which says no more than it must.
 */
export function authenticate(state: State, method: Method, credentials: Credentials): string {
  const { authorization = "", cookie = "", csrfToken = "" } = credentials;
  const ticket = valueIn(cookie, "PVEAuthCookie") ?? valueIn(authorization, "PVEAuthCookie");
  if (ticket !== undefined) {
    const user = userOfTicket(state, ticket);
    if (user === undefined) throw unauthorized("permission denied - invalid PVE ticket");
    if (!isUsable(state, user)) throw unauthorized(`user '${user}' is disabled or expired`);
    if (method !== "GET" && !isCsrfToken(state, user, csrfToken)) {
      throw unauthorized("Permission denied - invalid csrf token");
    }
    return user;
  }
  const token = valueIn(authorization, "PVEAPIToken");
  if (token === undefined) throw unauthorized("No ticket");
  const userid = useridOfToken(state, token);
  if (userid === undefined) throw unauthorized("Authentication failed!");
  return userid;
}

/** The user of this name. */
export function userNamed({ access: { users } }: State, name: string): User | undefined {
  return Object.hasOwn(users, name) ? users[name] : undefined;
}

/** Whether a user is there, enabled and not expired. */
export function isUsable(state: State, name: string): boolean {
  const user = userNamed(state, name);
  return user?.enable === true && !isOver(state, user.expire);
}

function useridOfToken(state: State, value: string): string | undefined {
  const [, userid, secret] =
    /^([^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+)=(.+)$/.exec(value) ?? [];
  if (userid === undefined) return undefined;
  const { user, token: name = "" } = splitUserid(userid);
  if (!isUsable(state, user)) return undefined;
  const tokens = userNamed(state, user)?.tokens ?? {};
  const token = Object.hasOwn(tokens, name) ? tokens[name] : undefined;
  if (token === undefined || token.secret !== secret || isOver(state, token.expire))
    return undefined;
  return userid;
}

function isOver(state: State, expire: number): boolean {
  return expire !== 0 && expire <= seconds(state);
}

// `name=value` or `name value`, URI-encoded, up to the next semicolon.
function valueIn(header: string, name: string): string | undefined {
  const [, value] = new RegExp(`(?:^|\\s)${name}(?:=| )([^;]*)`).exec(header) ?? [];
  if (value === undefined || value === "") return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function unauthorized(reason: string): Refusal {
  return new Refusal(401, reason, { bare: true });
}
