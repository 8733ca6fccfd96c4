/** What the user asked for, after the arguments were parsed. Plain data. */
import type { DocumentFormat, Rename } from "@proxmox-mcp/crypto";

/** Flags that every command takes. */
export interface CommonFlags {
  readonly json: boolean;
  readonly debug: boolean;
  readonly keyFile?: string | undefined;
  readonly keyEnv?: string | undefined;
  /** `--keyring`: the account of an entry of the keyring. */
  readonly keyring?: string | undefined;
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
  /** As metrics for Prometheus. */
  readonly prometheus: boolean;
  /** Where the metrics go: a path, or `-` for stdout. */
  readonly output?: string | undefined;
  readonly format?: DocumentFormat | undefined;
}

export interface ScanInvocation extends CommonFlags {
  readonly command: "scan";
  readonly files: readonly string[];
  /** What git is about to commit, in the place of files. */
  readonly staged: boolean;
}

export interface GenerateKeyInvocation extends CommonFlags {
  readonly command: "generate-key";
  readonly output?: string | undefined;
  readonly stdout: boolean;
}

/** Where a new master key goes. */
export interface NewKeyFlags {
  /** `--new-key-out`: a key file to be made, for the new key and the old ones. */
  readonly newKeyOut?: string | undefined;
  /** `--new-key-sink`: a command that stores the key text it gets on its standard input. */
  readonly newKeySink?: string | undefined;
  /** `--sink-verify`: a command that prints what the sink stored. */
  readonly sinkVerify?: string | undefined;
  /** `--sink-time-limit`, in milliseconds. */
  readonly sinkTimeLimit?: number | undefined;
}

/** Which files below a directory are meant. */
export interface WalkFlags {
  readonly recursive: boolean;
  /** Globs, against the path below the directory. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

interface RotationFlags extends CommonFlags, NewKeyFlags {
  /** `--new-key-file`: a key file that exists; its first key is the new one. */
  readonly newKeyFile?: string | undefined;
  /** Print the new key text as well. */
  readonly stdout: boolean;
  readonly dryRun: boolean;
  /** Ask nothing. */
  readonly yes: boolean;
  readonly skipUnreadable: boolean;
  /** Finish or undo a run that was interrupted, and do nothing else. */
  readonly close?: "resume" | "abort" | undefined;
}

export interface RotateKeyInvocation extends RotationFlags {
  readonly command: "rotate-key";
  readonly files: readonly string[];
}

export interface RotateKeyAllInvocation extends RotationFlags, WalkFlags {
  readonly command: "rotate-key-all";
  readonly directories: readonly string[];
}

export interface PrepareKeyInvocation extends CommonFlags, NewKeyFlags {
  readonly command: "prepare-key";
}

export interface RetireKeyInvocation
  extends CommonFlags,
    Pick<NewKeyFlags, "newKeySink" | "sinkVerify" | "sinkTimeLimit"> {
  readonly command: "retire-key";
  readonly directories: readonly string[];
  readonly deleteBackups: boolean;
  /** A key file to be made, which keeps the old keys for the backups. */
  readonly archiveKey?: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

interface BackupsFlags extends CommonFlags {
  readonly command: "backups";
  /** Files, for their backups, or directories, for all below them. */
  readonly paths: readonly string[];
}

export interface ListBackupsInvocation extends BackupsFlags {
  readonly action: "list" | "verify";
}

export interface PruneBackupsInvocation extends BackupsFlags {
  readonly action: "prune";
  /** Delete backups that are older, in milliseconds. */
  readonly olderThan?: number | undefined;
  /** Keep this many of each file, the newest. */
  readonly keep?: number | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

export interface RestoreBackupsInvocation extends BackupsFlags {
  readonly action: "restore";
  /** `YYYYMMDD_HHMMSS`: which of the backups, where the paths name none themselves. */
  readonly stamp?: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

export type BackupsInvocation =
  | ListBackupsInvocation
  | PruneBackupsInvocation
  | RestoreBackupsInvocation;

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
  | ScanInvocation
  | GenerateKeyInvocation
  | RotateKeyInvocation
  | RotateKeyAllInvocation
  | PrepareKeyInvocation
  | RetireKeyInvocation
  | BackupsInvocation
  | TextInvocation;
