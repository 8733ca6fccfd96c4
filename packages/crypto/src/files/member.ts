/** A transaction's share of one directory, and the steps that its files go through. */
import { type BigIntStats, lstatSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { syncDirectory } from "./durable.ts";
import { temporaryPath } from "./names.ts";
import { publish } from "./publish.ts";
import { hashFile } from "./read.ts";
import { deleteRecord, type TransactionRecord } from "./record.ts";

/** One directory of a transaction. */
export interface Member {
  /** Its real path. */
  readonly directory: string;
  readonly record: TransactionRecord;
}

/** One file of a transaction, by its paths. Hashes are SHA-256 in hex. */
export interface MemberFile {
  readonly target: string;
  /** The text to come. */
  readonly newPath: string;
  /** The text as it was: a second name of its inode, or a copy. */
  readonly oldPath: string;
  /** Where the old text is kept in the end, if it is. */
  readonly backupPath: string | undefined;
  /** The hash of the old text; `undefined` where there was no file. */
  readonly before: string | undefined;
  readonly after: string;
}

/** The files of some directories, one at a time: the paths of ten thousand take megabytes. */
export function* filesOf(members: readonly Member[]): Generator<MemberFile> {
  for (const { directory, record } of members) {
    for (const { name, before, after, backup } of record.files) {
      const target = join(directory, name);
      yield {
        target,
        newPath: temporaryPath(target, record.id, "new"),
        oldPath: temporaryPath(target, record.id, "old"),
        backupPath: backup === null ? undefined : join(directory, backup),
        before: before ?? undefined,
        after,
      };
    }
  }
}

/**
 * The hash of the file at a path. @returns `undefined` where none is, or something else.
 *
 * @throws ProxmoxMcpError as `readTextFile`, for one that cannot be read: no answer is no answer.
 */
export function hashAt(path: string): string | undefined {
  return lookAt(path)?.isFile() ? hashFile(path) : undefined;
}

/** Whether anything is at a path. @throws the system error where that cannot be told. */
export function isThere(path: string): boolean {
  return lookAt(path) !== undefined;
}

/** What is at a path, no link followed. @throws the system error where that cannot be told. */
export function lookAt(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/** Whether two names lead to one file. */
export function isSameFile(one: BigIntStats | undefined, other: BigIntStats | undefined): boolean {
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

/** Gives the new text its name. A file that somebody made there meanwhile is never replaced. */
export function moveIn({ newPath, target, before }: MemberFile): void {
  if (before === undefined) publish(newPath, target);
  else renameSync(newPath, target);
}

/**
 * Puts the old text back, where the new one has its place. Repeating it changes nothing.
 *
 * @returns whether the file is as it was. One that somebody else changed is left alone.
 */
export function undo({ target, oldPath, before, after }: MemberFile): boolean {
  const found = hashAt(target);
  if (found === after && before === undefined) {
    unlinkSync(target);
    return true;
  }
  if (found === after && hashAt(oldPath) === before) {
    renameSync(oldPath, target);
    return true;
  }
  return before === undefined ? !isThere(target) : found === before;
}

/** Whether `close` is through with a file, so that its directory's record may be gone. */
export function isPutAway({ target, newPath, oldPath }: MemberFile): boolean {
  return !isThere(newPath) && !(isThere(oldPath) && isThere(target));
}

/** Flushes every directory once. */
export function syncDirectories(members: readonly Member[]): void {
  for (const { directory } of members) syncDirectory(directory);
}

/**
 * Puts everything away that a transaction made, after all its files are as they shall stay. The
 * records go last, and the home's after all others: until then the next run can do this again.
 *
 * @param members the home first.
 * @param keep whether old texts become backups, where their records say so.
 * @throws the system error, or ProxmoxMcpError NOT_CLOSED for a backup's name that is taken.
 */
export function close(members: readonly Member[], keep: boolean): void {
  for (const file of filesOf(members)) putAway(file, keep);
  closeRecords(members);
}

/** Deletes what a run made before its commit point, as far as the disk lets it. */
export function takeAway(members: readonly Member[]): void {
  for (const file of filesOf(members)) attempt(() => putAway(file, false));
  attempt(() => closeRecords(members));
}

function closeRecords(members: readonly Member[]): void {
  syncDirectories(members);
  for (const { directory } of members.toReversed()) deleteRecord(directory);
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The failure that led here says more than this one. The next run finds what is left by its names.
  }
}

function putAway(
  { target, newPath, oldPath, backupPath, before }: MemberFile,
  keep: boolean,
): void {
  if (isThere(newPath)) unlinkSync(newPath);
  const old = lookAt(oldPath);
  if (old === undefined) return;
  const found = lookAt(target);
  // A file that kept its inode is no less than its old text; as a backup that would be a hard link
  // to it, which follows every change and stands in the way of the next run.
  if (keep && backupPath !== undefined && !isSameFile(old, found)) {
    if (!isThere(backupPath)) renameSync(oldPath, backupPath);
    else if (hashAt(backupPath) === before) unlinkSync(oldPath);
    else throw takenError(backupPath);
  } else if (found !== undefined) {
    unlinkSync(oldPath);
  }
}

// The name was free when the record was written.
function takenError(path: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "NOT_CLOSED",
    `every file is in its place, but somebody made ${path}, the name of a backup`,
    { where: { file: path }, hint: "move that file away, then run the command again" },
  );
}
