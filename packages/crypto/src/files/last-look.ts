/** The last look at every file of a transaction, between the records and the commit point. */
import type { BigIntStats } from "node:fs";
import { hashAt, isSameFile, lookAt, type MemberFile } from "./member.ts";
import { changedError } from "./original.ts";
import { refuseExisting } from "./publish.ts";

/**
 * What a file was when its hash was taken for the last time; `undefined` where none may be. One line
 * for each: ten thousand stats would take more memory than all else that is known of the files.
 */
export type Look = string | undefined;

/**
 * Makes sure that a file is what its change was made for, that its old text is beside it, and that
 * the name of its backup is free.
 *
 * @throws ProxmoxMcpError FILE_CHANGED, OUTPUT_EXISTS, or the system error.
 */
export function lookAgain({ target, oldPath, backupPath, before }: MemberFile): Look {
  if (before === undefined) {
    refuseExisting(target);
    return undefined;
  }
  if (backupPath !== undefined) refuseExisting(backupPath);
  // Looked at before it is read: whatever comes later shows in the one or in the other.
  const look = lookAt(target);
  if (look === undefined || hashAt(target) !== before) throw changedError(target);
  // A copy is read back here. A link leads elsewhere if the file was another one for a while.
  if (!isSameFile(lookAt(oldPath), look) && hashAt(oldPath) !== before) throw changedError(target);
  return lookOf(look);
}

/** @throws ProxmoxMcpError FILE_CHANGED where a file is not as it was at the last look. */
export function refuseTouched(target: string, before: Look): void {
  // A name that was free is taken without replacing anything.
  if (before === undefined) return;
  const now = lookAt(target);
  if (now === undefined || lookOf(now) !== before) throw changedError(target);
}

// The last time shows also a change whose maker put the other one back, of the text or of who may read
// it.
function lookOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  // Joined, and so one string: a template keeps all of its parts.
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}
