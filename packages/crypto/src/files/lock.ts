/** Keeping other runs out of the directories that are written. */
import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { lockByCreation } from "./creation-lock.ts";
import { findFlock, lockByFlock } from "./flock.ts";
import type { HeldLock } from "./held-lock.ts";
import { describeHolder } from "./holder.ts";
import { LOCK_NAME } from "./names.ts";
import { directoryError } from "./system-error.ts";

/** Locks that are held until they are released, or the process ends. */
export interface Locks extends HeldLock {
  /** The real paths of the locked directories. */
  readonly directories: readonly string[];
  /**
   * Locks further directories, all or none of them; those that are locked already count. Since
   * nobody waits for a lock, the order in which they are taken can hang nobody.
   *
   * @throws ProxmoxMcpError LOCKED, WRITE_FAILED.
   */
  add(directories: readonly string[]): Promise<void>;
  /** Those of them that were cleared of leftovers: while they are locked no new ones come. */
  readonly tidy: Set<string>;
}

/**
 * Keeps other runs out of directories. Never waits: all locks at once, or none. They keep out our own
 * processes only, as far as the file system's locks reach. Release them on every path.
 *
 * On Linux a lock is freed when its process ends, killed or not. Elsewhere, and where the `flock`
 * command is missing, a killed process leaves a lock file, and the error names it.
 *
 * @param operation what others are told: small letters and dashes, such as `rotate-key`.
 * @throws ProxmoxMcpError LOCKED naming the holder, WRITE_FAILED for a directory that is missing or
 * may not be written.
 */
export async function lockDirectories(
  directories: readonly string[],
  operation: string,
): Promise<Locks> {
  const flock = findFlock();
  const note = describeHolder(operation);
  const take = (lock: string) =>
    flock === undefined ? lockByCreation(lock, note) : lockByFlock(flock, lock, note);
  const held = new Map<string, { readonly path: string; readonly lock: HeldLock }>();
  const release = (inodes: readonly string[]) => {
    for (const inode of inodes.toReversed()) {
      held.get(inode)?.lock.release();
      held.delete(inode);
    }
  };
  const add = async (wanted: readonly string[]) => {
    const taken: string[] = [];
    try {
      for (const { path, inode } of distinctDirectories(wanted)) {
        if (held.has(inode)) continue;
        held.set(inode, { path, lock: await take(join(path, LOCK_NAME)) });
        taken.push(inode);
      }
    } catch (error) {
      release(taken);
      throw error;
    }
  };
  await add(directories);
  return {
    get directories() {
      return [...held.values()].map(({ path }) => path);
    },
    add,
    tidy: new Set(),
    release: () => release([...held.keys()]),
  };
}

/** A directory by its real path; device and inode are what two paths to one directory have in common. */
interface Directory {
  readonly path: string;
  readonly inode: string;
}

/** In one order for everybody. */
function distinctDirectories(directories: readonly string[]): readonly Directory[] {
  return [...new Set(directories)]
    .map(toDirectory)
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

function toDirectory(directory: string): Directory {
  try {
    const path = realpathSync.native(directory);
    const { dev, ino } = statSync(path, { bigint: true });
    return { path, inode: `${dev}:${ino}` };
  } catch (error) {
    throw directoryError(directory, error);
  }
}
