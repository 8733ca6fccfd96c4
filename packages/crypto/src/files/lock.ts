/** Keeping other runs out of the directories that are written. */
import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { lockByCreation } from "./creation-lock.ts";
import { findFlock, lockByFlock } from "./flock.ts";
import type { HeldLock } from "./held-lock.ts";
import { describeHolder } from "./holder.ts";
import { LOCK_NAME } from "./names.ts";
import { directoryError } from "./system-error.ts";

/**
 * Does some work while no other run writes in these directories. Never waits: all locks at once, or
 * none. They keep out our own processes only, as far as the file system's locks reach.
 *
 * On Linux a lock is freed when its process ends, killed or not. Elsewhere, and where the `flock`
 * command is missing, a killed process leaves a lock file, and the error names it.
 *
 * @param operation - what others are told: small letters and dashes, such as `rotate-key`.
 * @throws ProxmoxMcpError LOCKED naming the holder, WRITE_FAILED for a directory that is missing or
 * may not be written; and whatever `work` throws.
 */
export async function withLocks<T>(
  directories: readonly string[],
  operation: string,
  work: () => Promise<T>,
): Promise<T> {
  const locks = await lockDirectories(directories, operation);
  try {
    return await work();
  } finally {
    locks.release();
  }
}

/** Locks that are held until they are released, or the process ends. */
export interface Locks extends HeldLock {
  /** The real paths of the locked directories. */
  readonly directories: readonly string[];
}

/**
 * As `withLocks`, for a caller that has other work to do while the locks are taken. Release them on
 * every path.
 */
export async function lockDirectories(
  directories: readonly string[],
  operation: string,
): Promise<Locks> {
  const flock = findFlock();
  const note = describeHolder(operation);
  const held: HeldLock[] = [];
  const release = () => {
    for (const lock of held.splice(0).reverse()) lock.release();
  };
  const distinct = distinctDirectories(directories);
  try {
    for (const directory of distinct) {
      const lock = join(directory, LOCK_NAME);
      held.push(
        flock === undefined ? lockByCreation(lock, note) : await lockByFlock(flock, lock, note),
      );
    }
  } catch (error) {
    release();
    throw error;
  }
  return { directories: distinct, release };
}

/**
 * Does some work under a directory's lock: one that the caller holds, or one taken for it.
 *
 * @param directory its real path.
 */
export function underLock<T>(
  directory: string,
  operation: string,
  locks: Locks | undefined,
  work: () => Promise<T>,
): Promise<T> {
  return locks?.directories.includes(directory) ? work() : withLocks([directory], operation, work);
}

/** Real paths in one order for everybody; of two paths to one directory (a bind mount) the first. */
function distinctDirectories(directories: readonly string[]): readonly string[] {
  const paths = directories.map(resolveDirectory).sort();
  const seen = new Set<string>();
  return paths.filter((path) => {
    const { dev, ino } = statSync(path, { bigint: true });
    const inode = `${dev}:${ino}`;
    return !seen.has(inode) && seen.add(inode);
  });
}

function resolveDirectory(directory: string): string {
  try {
    return realpathSync.native(directory);
  } catch (error) {
    throw directoryError(directory, error);
  }
}
