/** What both kinds of lock have in common. */
import { type BigIntStats, closeSync, lstatSync, unlinkSync } from "node:fs";

/** A lock that this process holds. */
export interface HeldLock {
  /** Lets go. Never throws: what was done under the lock is done. */
  release(): void;
}

/** Whether a path still leads to the file that was opened. */
export function isSameInode(path: string, opened: BigIntStats): boolean {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found !== undefined && found.ino === opened.ino && found.dev === opened.dev;
}

/** Deletes a lock file, unless somebody put another one in its place. */
export function releaseName(lock: string, opened: BigIntStats): void {
  try {
    if (isSameInode(lock, opened)) unlinkSync(lock);
  } catch {
    // A flock ends without this. Of a lock by creation the next run tells how to delete it.
  }
}

/** Closes a lock file. The kernel has let go of it even where it reports an error. */
export function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Nothing was written that could be lost.
  }
}
