/** Users, tokens, groups, roles and the access control list, as plain data. */

/** An API token. */
export interface Token {
  readonly secret: string;
  /** With privilege separation a token has no right that was not also given to itself. */
  readonly privsep: boolean;
  /** Seconds since 1970; 0 is never. */
  readonly expire: number;
  readonly comment: string | undefined;
}

export interface User {
  readonly enable: boolean;
  readonly expire: number;
  readonly comment: string | undefined;
  /** Undefined where nobody logs in by password. */
  password: string | undefined;
  readonly groups: readonly string[];
  readonly tokens: Readonly<Record<string, Token>>;
  /** Kinds of second factors, as in `totp`. */
  readonly secondFactors: readonly string[];
}

/** An entry of the access control list. */
export interface Grant {
  readonly path: string;
  readonly type: "user" | "group" | "token";
  /** `bob@pve`, `bob@pve!t1` or the name of a group. */
  readonly ugid: string;
  readonly roleid: string;
  readonly propagate: boolean;
}

export interface AccessControl {
  /** By `name@realm`. */
  readonly users: Readonly<Record<string, User>>;
  readonly grants: readonly Grant[];
  /** Privileges by the name of their role. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
}
