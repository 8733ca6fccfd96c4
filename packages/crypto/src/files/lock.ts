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
  const flock = findFlock();
  const note = describeHolder(operation);
  const held: HeldLock[] = [];
  try {
    for (const directory of distinctDirectories(directories)) {
      const lock = join(directory, LOCK_NAME);
      held.push(
        flock === undefined ? lockByCreation(lock, note) : await lockByFlock(flock, lock, note),
      );
    }
    return await work();
  } finally {
    for (const lock of held.reverse()) lock.release();
  }
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
