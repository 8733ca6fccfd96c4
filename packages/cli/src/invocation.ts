/** What the user asked for, after the arguments were parsed. Plain data. */
import type { DocumentFormat, Rename } from "@proxmox-mcp/crypto";

/** Flags that every command takes. */
export interface CommonFlags {
  readonly json: boolean;
  readonly debug: boolean;
  readonly keyFile?: string | undefined;
  readonly keyEnv?: string | undefined;
  readonly maxDerivations?: number | undefined;
}

export interface EncryptInvocation extends CommonFlags {
  readonly command: "encrypt";
  /** A path, or `-` for stdin. */
  readonly file: string;
  /** A path, or `-` for stdout. */
  readonly output?: string | undefined;
  readonly inPlace: boolean;
  readonly field: readonly string[];
  readonly rebind: readonly Rename[];
  readonly unbound: boolean;
  readonly force: boolean;
  readonly format?: DocumentFormat | undefined;
}

export interface DecryptInvocation extends CommonFlags {
  readonly command: "decrypt";
  readonly file: string;
  readonly output?: string | undefined;
  readonly field?: string | undefined;
  readonly force: boolean;
  readonly format?: DocumentFormat | undefined;
}

/** Kinds of values that `set --generate` makes. */
export const GENERATED = ["uuid", "hex32", "base64"] as const;
export type Generated = (typeof GENERATED)[number];

export interface SetInvocation extends CommonFlags {
  readonly command: "set";
  readonly file: string;
  readonly field: string;
  readonly generate?: Generated | undefined;
  readonly unbound: boolean;
  readonly force: boolean;
  readonly format?: DocumentFormat | undefined;
}

export interface StatusInvocation extends CommonFlags {
  readonly command: "status";
  readonly paths: readonly string[];
  readonly check: boolean;
  /** In milliseconds. */
  readonly maxAge?: number | undefined;
  readonly python: boolean;
  readonly table: boolean;
  readonly format?: DocumentFormat | undefined;
}

export interface GenerateKeyInvocation extends CommonFlags {
  readonly command: "generate-key";
  readonly output?: string | undefined;
  readonly stdout: boolean;
}

/** Something to print and no command: help or the version. */
export interface TextInvocation {
  readonly command: "text";
  readonly text: string;
}

export type Invocation =
  | EncryptInvocation
  | DecryptInvocation
  | SetInvocation
  | StatusInvocation
  | GenerateKeyInvocation
  | TextInvocation;
