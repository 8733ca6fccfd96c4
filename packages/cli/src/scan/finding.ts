import type { LeakKind } from "@proxmox-mcp/crypto/config";

/** What `scan` finds: a secret in a text, or a file that has no place in a repository. */
export type ScanKind =
  | LeakKind
  /** A backup, a record or another file of a run of this tool. */
  | "leftover";

/** One thing that must not be committed. Never holds a value. */
export interface ScanFinding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly kind: ScanKind;
  /** A JSON Pointer, `env:NAME`, or the name that stands beside the value. */
  readonly name: string | undefined;
}
