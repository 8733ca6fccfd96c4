/** Users, tokens, rights and logging in. */
import type { Token, User } from "./access-control.ts";
import { isUsable, userNamed } from "./authentication.ts";
import { boolean, optional, text } from "./parameters.ts";
import { effectivePermissions, may, splitUserid } from "./permissions.ts";
import { forbidden, invalid, Refusal } from "./refusal.ts";
import { type Route, route } from "./route.ts";
import type { State } from "./state.ts";
import { issueCsrfToken, issueTicket, userOfTicket } from "./tickets.ts";

export const ACCESS_ROUTES: readonly Route[] = [
  route(
    "POST",
    "/access/ticket",
    "world",
    {
      username: text(),
      password: text(),
      realm: optional(text()),
      otp: optional(text()),
      "new-format": optional(boolean()),
    },
    ({ state, values: { username, password, realm } }) => {
      const user =
        realm === undefined || username.includes("@") ? username : `${username}@${realm}`;
      return login(state, user, password);
    },
  ),
  route("GET", "/access/permissions", "all", {}, ({ state, userid }) =>
    effectivePermissions(state.access, userid),
  ),
  route("GET", "/access/users", "all", { full: optional(boolean()) }, (call) => {
    const { state, userid, values } = call;
    return visibleUsers(state, userid).map(([name, user]) => userEntry(name, user, values.full));
  }),
  route("GET", "/access/acl", "all", {}, ({ state, userid }) =>
    may(state.access, userid, "/access", "Sys.Audit", "Permissions.Modify")
      ? state.access.grants.map((grant) => ({ ...grant, propagate: +grant.propagate }))
      : [],
  ),
  route("GET", "/access/roles", "all", {}, ({ state }) =>
    Object.entries(state.access.roles).map(([roleid, privileges]) => ({
      roleid,
      privs: privileges.join(","),
      special: +/^PVE|^Administrator$|^NoAccess$/.test(roleid),
    })),
  ),
  route("GET", "/access/tfa", "all", {}, ({ state, userid }) =>
    visibleUsers(state, userid)
      .filter(([, { secondFactors }]) => secondFactors.length > 0)
      .map(([name, { secondFactors }]) => ({
        userid: name,
        entries: secondFactors.map((type) => ({
          id: `${type}-example`,
          type,
          description: "example",
          created: 1_700_000_000,
          enable: 1,
        })),
      })),
  ),
  route(
    "PUT",
    "/access/password",
    "ticket",
    { userid: text(), password: text(), "confirmation-password": optional(text()) },
    ({ state, userid, values }) => {
      const user = userNamed(state, values.userid);
      if (user === undefined) throw invalid({ userid: `no such user ('${values.userid}')` });
      if (userid !== values.userid && !may(state.access, userid, "/access", "User.Modify")) {
        throw forbidden("/access, User.Modify");
      }
      user.password = values.password;
      return null;
    },
  ),
];

// A ticket may stand in for the password: so it is renewed.
function login(state: State, name: string, password: string): object {
  const user = userNamed(state, name);
  const isRenewal = userOfTicket(state, password) === name;
  const isRight = isRenewal || (user?.password !== undefined && user.password === password);
  if (user === undefined || !isUsable(state, name) || !isRight) {
    throw new Refusal(401, "authentication failure");
  }
  const about = { username: name, CSRFPreventionToken: issueCsrfToken(state, name) };
  // Half a ticket, which opens nothing until the second factor is given.
  if (user.secondFactors.length > 0 && !isRenewal) {
    return { ...about, ticket: `PVE:!tfa!${name}:00000000::example`, NeedTFA: 1 };
  }
  return { ...about, ticket: issueTicket(state, name), clustername: state.name, cap: {} };
}

function visibleUsers(state: State, userid: string): readonly (readonly [string, User])[] {
  const all = Object.entries(state.access.users);
  if (may(state.access, userid, "/access/groups", "User.Modify", "Sys.Audit")) return all;
  return all.filter(([name]) => name === splitUserid(userid).user);
}

function userEntry(userid: string, user: User, full: boolean | undefined): object {
  const { enable, expire, comment, groups, tokens, secondFactors } = user;
  const more = {
    groups: groups.join(","),
    tokens: Object.entries(tokens).map(([tokenid, token]) => tokenEntry(tokenid, token)),
  };
  return {
    userid,
    enable: +enable,
    expire,
    "realm-type": userid.endsWith("@pam") ? "pam" : "pve",
    ...(comment === undefined ? {} : { comment }),
    ...(secondFactors.length === 0 ? {} : { "totp-locked": 0 }),
    ...(full === true ? more : {}),
  };
}

function tokenEntry(tokenid: string, { privsep, expire, comment }: Token): object {
  return { tokenid, privsep: +privsep, expire, ...(comment === undefined ? {} : { comment }) };
}
