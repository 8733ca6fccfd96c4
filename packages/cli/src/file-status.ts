import type { CheckedField, Document, SecretField } from "@proxmox-mcp/crypto";

/** One file, seen by `status`. */
export interface FileStatus {
  readonly file: string;
  readonly format: Document["format"];
  readonly secrets: readonly StatusField[];
  readonly lookalikes: readonly SecretField[];
  /** Why others than the owner can read plain secrets here, where they can. */
  readonly warning: string | undefined;
}

/** A field, with or without what a key says of it. */
export type StatusField = SecretField & Partial<Pick<CheckedField, "opened" | "problem">>;
