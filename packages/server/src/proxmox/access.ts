/** Users, their API tokens, their second factors, and the access control list. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { ACL, SECOND_FACTORS, USERS } from "./endpoints.ts";
import { flag, type Listed, maybe, number, parseList, text } from "./parse.ts";

export interface User {
  /** With realm, as in `root@pam`. */
  readonly userid: string;
  readonly enable: boolean;
  /** Seconds since 1970; 0 for never. */
  readonly expire: number;
  readonly "realm-type"?: string | undefined;
  /** Only where `full` was asked for. */
  readonly tokens: readonly UserToken[];
}

export interface UserToken {
  readonly tokenid: string;
  /** Whether it has only the rights that were given to it too. */
  readonly privsep: boolean;
  /** Seconds since 1970; 0 for never. */
  readonly expire: number;
}

const expire = number.catch(0);
const on = flag.catch(true);

const user = z.object({
  userid: text,
  enable: on,
  expire,
  "realm-type": maybe(text),
  tokens: z.array(z.object({ tokenid: text, privsep: on, expire })).catch([]),
});

/** @param options.full asks for the tokens too. */
export async function users(
  api: Api,
  { full, signal }: Abortable & { readonly full?: boolean | undefined } = {},
): Promise<Listed<User>> {
  return parseList(
    USERS,
    user,
    await api.call(USERS, { values: {}, parameters: { full }, signal }),
  );
}

export interface AclEntry {
  readonly path: string;
  readonly roleid: string;
  readonly type: "user" | "group" | "token";
  /** The user, group or token, as in `joe@pve!backup`. */
  readonly ugid: string;
  /** Whether it holds for the paths below too. */
  readonly propagate: boolean;
}

const aclEntry = z.object({
  path: text,
  roleid: text,
  type: z.enum(["user", "group", "token"]),
  ugid: text,
  propagate: on,
});

export async function acl(api: Api, { signal }: Abortable = {}): Promise<Listed<AclEntry>> {
  return parseList(ACL, aclEntry, await api.call(ACL, { values: {}, signal }));
}

export interface SecondFactors {
  readonly userid: string;
  readonly entries: readonly {
    readonly id: string;
    readonly type: string;
    readonly enable: boolean;
  }[];
}

const secondFactorsEntry = z.object({
  userid: text,
  entries: z.array(z.object({ id: text, type: text, enable: on })).catch([]),
});

/** The second factors of every user whom the caller may see. */
export async function secondFactors(
  api: Api,
  { signal }: Abortable = {},
): Promise<Listed<SecondFactors>> {
  const data = await api.call(SECOND_FACTORS, { values: {}, signal });
  return parseList(SECOND_FACTORS, secondFactorsEntry, data);
}
