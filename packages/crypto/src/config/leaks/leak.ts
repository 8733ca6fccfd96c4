/** A secret that a text shows to everybody who reads it. */

/** What is shown. */
export type LeakKind =
  /** A secret field of a config, in plain text. */
  | "plain"
  /** A secret as the default of a placeholder. */
  | "plain-default"
  /** A secret field that holds a number, a list or the like. */
  | "not-a-string"
  /** A secret field that begins with `enc:` and holds no token. */
  | "malformed"
  /** A value that looks like a secret, beside a name that tells of one. */
  | "secret-looking"
  /** An API token of Proxmox VE. */
  | "pve-token"
  /** A master key of this project. */
  | "master-key"
  /** A private key in PEM, without a passphrase. */
  | "private-key"
  /** A text that is nothing but master keys. */
  | "key-file";

/** One secret, and where it stands. Never holds the secret or a part of it. */
export interface Leak {
  readonly kind: LeakKind;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** A JSON Pointer or `env:NAME` in a config, the name beside the value in any other text. */
  readonly name: string | undefined;
}

/** A leak before its line was counted. */
export interface Spot extends Pick<Leak, "kind" | "name"> {
  /** The range of the value, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
}
