/** The names that a run gives to its own files, all in the directory of the file that they serve. */
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** The lock of a directory. */
export const LOCK_NAME = ".proxmox-mcp.lock";
/** The record of a transaction that is under way in a directory. */
export const RECORD_NAME = ".proxmox-mcp.txn";

/** A file's text to come (`new`) or its text as it was (`old`). */
export type TemporaryKind = "new" | "old";

const TEMPORARY = /^\.(?<file>.+)\.pm-[0-9a-f]{16}\.(?<kind>new|old)$/s;

/** A fresh id: 16 random hex digits. */
export function createId(): string {
  return randomBytes(8).toString("hex");
}

/** The path `.T.pm-ID.new` or `.T.pm-ID.old` beside the target `T`. */
export function temporaryPath(target: string, id: string, kind: TemporaryKind): string {
  return join(dirname(target), `.${basename(target)}.pm-${id}.${kind}`);
}

/** Reads the name of a temporary file. @returns `undefined` for any other name. */
export function parseTemporaryName(
  name: string,
): { readonly file: string; readonly kind: TemporaryKind } | undefined {
  const groups = TEMPORARY.exec(name)?.groups;
  if (groups?.file === undefined) return undefined;
  return { file: groups.file, kind: groups.kind === "new" ? "new" : "old" };
}

/**
 * Whether a file's name is exactly one that a run gives, so that searches for files of people pass it
 * by. No name that only resembles them: it is somebody's file.
 */
export function isOwnName(name: string): boolean {
  return name === LOCK_NAME || name === RECORD_NAME || parseTemporaryName(name) !== undefined;
}
