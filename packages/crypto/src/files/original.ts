/** The file that a new text is for, as it is before. */
import { lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import type { Owner } from "./durable.ts";
import { type FileStat, hashFile, refuseIrregular, toFileStat } from "./read.ts";
import { readError } from "./system-error.ts";

/**
 * Looks at a file that is to be replaced by one of the same owner.
 *
 * @param target its real path.
 * @throws ProxmoxMcpError FILE_NOT_FOUND, FILE_NOT_REGULAR, WRITE_FAILED for several hard links, and
 * for an owner that this process could not give to another file.
 */
export function inspectOriginal(target: string): FileStat {
  const stat = inspectFile(target);
  if (!mayGiveTo(stat, dirname(target))) throw ownerError(target, stat);
  return stat;
}

/**
 * Looks at a file that is to be replaced, whoever the new one belongs to.
 *
 * @throws ProxmoxMcpError FILE_NOT_FOUND, FILE_NOT_REGULAR, WRITE_FAILED for several hard links.
 */
export function inspectFile(target: string): FileStat {
  const stat = statOf(target);
  if (stat.nlink > 1) {
    throw new ProxmoxMcpError(
      "WRITE_FAILED",
      `cannot replace ${target}: it has ${stat.nlink} hard links, and the others would keep the ` +
        "old text; nothing was changed",
      { where: { file: target }, hint: "remove the other names, or work on a copy elsewhere" },
    );
  }
  return stat;
}

/** The error for a file whose owner cannot be given to its new text. */
export function ownerError(target: string, { uid, gid }: Owner, cause?: unknown): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "WRITE_FAILED",
    `cannot write ${target}: it belongs to user ${uid} and group ${gid}, ` +
      "and this user may not give them a file; nothing was changed",
    { where: { file: target }, cause, hint: "run as the file's owner or as root" },
  );
}

/** @throws ProxmoxMcpError FILE_CHANGED where a file is not the one that was read. */
export function refuseChanged(target: string, expectedHash: string): void {
  if (hashFile(target) !== expectedHash) throw changedError(target);
}

/** The error for a file that somebody else changed. */
export function changedError(target: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "FILE_CHANGED",
    `${target} was changed by somebody else since it was read; nothing was written`,
    { where: { file: target }, hint: "look at the change, then run the command again" },
  );
}

// A guess in favour of going on: only the attempt tells, and it is made before anything is changed.
function mayGiveTo({ uid, gid }: Owner, directory: string): boolean {
  const own = process.geteuid?.();
  // Root, or a system without owners.
  if (own === undefined || own === 0) return true;
  if (uid !== own) return false;
  const isOwnGroup = process.getegid?.() === gid || process.getgroups?.().includes(gid) === true;
  return isOwnGroup || statSync(directory).gid === gid;
}

function statOf(target: string): FileStat {
  try {
    const found = lstatSync(target, { bigint: true });
    refuseIrregular(target, found);
    return toFileStat(found);
  } catch (error) {
    throw readError(target, error);
  }
}
