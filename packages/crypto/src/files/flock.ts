/** The lock of Linux: flock(2), which ends with its process however that ends. */
import {
  accessSync,
  type BigIntStats,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  type Stats,
  writeSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { closeQuietly, type HeldLock, isSameInode, releaseName } from "./held-lock.ts";
import { lockedError } from "./holder.ts";
import { directoryError, systemCode } from "./system-error.ts";

/** Finds the `flock` command of util-linux or BusyBox; Node itself has no call for it. */
export function findFlock(): string | undefined {
  if (process.platform !== "linux") return undefined;
  // biome-ignore lint/style/noProcessEnv: where programs are is the business of the system
  const directories = (process.env.PATH ?? "").split(delimiter).filter((name) => name !== "");
  return directories.map((directory) => join(directory, "flock")).find(isExecutable);
}

/**
 * Takes a lock without waiting.
 *
 * The lock belongs to the open file, which the command inherits: it stays when the command has
 * ended, and the kernel frees it when this process has.
 *
 * @param flock - path of the command, from `findFlock`.
 * @throws ProxmoxMcpError LOCKED, WRITE_FAILED.
 */
export async function lockByFlock(flock: string, lock: string, note: string): Promise<HeldLock> {
  // A holder deletes the file as it lets go. Who opened it just before holds a lock on nothing, and
  // has to begin again; to meet ten holders in a row is no longer chance.
  for (let attempt = 0; attempt < 10; attempt++) {
    const descriptor = openLock(lock);
    if (descriptor === undefined) continue;
    try {
      refuseForeign(lock, descriptor);
      await runFlock(flock, lock, descriptor);
      const opened = fstatSync(descriptor, { bigint: true });
      if (isSameInode(lock, opened)) {
        leaveNote(descriptor, note);
        return held(lock, descriptor, opened);
      }
    } catch (error) {
      closeQuietly(descriptor);
      throw directoryError(dirname(lock), error);
    }
    closeQuietly(descriptor);
  }
  throw lockedError(lock, "flock");
}

// It is for people only: a full disk must not cost the lock.
function leaveNote(descriptor: number, note: string): void {
  try {
    ftruncateSync(descriptor);
    writeSync(descriptor, note, 0);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

function held(lock: string, descriptor: number, opened: BigIntStats): HeldLock {
  return {
    release() {
      // The name goes while the lock is held: afterwards it might be another run's.
      releaseName(lock, opened);
      closeQuietly(descriptor);
    },
  };
}

function openLock(lock: string): number | undefined {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK;
  try {
    return openForAll(lock, openSync(lock, flags | O_CREAT | O_EXCL, 0o600));
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw directoryError(dirname(lock), error);
  }
  try {
    return openSync(lock, flags);
  } catch (error) {
    const code = systemCode(error);
    // Its holder has let go in between.
    if (code === "ENOENT") return undefined;
    // A symbolic link, a directory, a socket.
    if (code === "ELOOP" || code === "EISDIR" || code === "ENXIO") throw foreignError(lock);
    const denied = code === "EACCES" || code === "EPERM";
    const found = denied ? lstatSync(lock, { throwIfNoEntry: false }) : undefined;
    // Only its owner may write a lock file, and nobody one that counts by being there.
    if (found?.isFile()) throw lockedError(lock, isLockByCreation(found) ? "file" : "foreign");
    throw directoryError(dirname(lock), error);
  }
}

// A umask may have taken bits away without which the next run could not open the file.
function openForAll(lock: string, descriptor: number): number {
  try {
    fchmodSync(descriptor, 0o600);
    return descriptor;
  } catch (error) {
    releaseName(lock, fstatSync(descriptor, { bigint: true }));
    closeQuietly(descriptor);
    throw error;
  }
}

function refuseForeign(lock: string, descriptor: number): void {
  const stat = fstatSync(descriptor);
  // A second name could be that of a file which somebody wants us to overwrite.
  if (!stat.isFile() || stat.nlink > 1) throw foreignError(lock);
  if (isLockByCreation(stat)) throw lockedError(lock, "file");
}

/** Whether `lockByCreation` made a lock file: one that flock would not see. */
function isLockByCreation(stat: Stats): boolean {
  return (stat.mode & 0o200) === 0;
}

function foreignError(lock: string): ProxmoxMcpError {
  return new ProxmoxMcpError("WRITE_FAILED", `${lock} is not a lock file; nothing was changed`, {
    where: { file: lock },
    hint: "find out who made it, then delete it",
  });
}

async function runFlock(flock: string, lock: string, descriptor: number): Promise<void> {
  const { spawnSync } = await import("node:child_process");
  const { error, status, stderr } = spawnSync(flock, ["-xn", "3"], {
    stdio: ["ignore", "ignore", "pipe", descriptor],
    // The environment may hold a master key.
    env: { LC_ALL: "C" },
    encoding: "utf8",
  });
  if (error !== undefined) throw error;
  if (status === 0) return;
  if (status === 1 && stderr === "") throw lockedError(lock, "flock");
  throw new ProxmoxMcpError(
    "WRITE_FAILED",
    `cannot lock ${dirname(lock)}: its file system gives no locks; nothing was changed`,
    {
      where: { file: lock },
      hint: "work on a copy on a local disk",
      cause: new Error(stderr.trim()),
    },
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
