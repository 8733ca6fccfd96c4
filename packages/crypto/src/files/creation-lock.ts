/** The lock of systems without flock(2) at hand (macOS, Windows, a bare container): a file that is there. */
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { type HeldLock, releaseName } from "./held-lock.ts";
import { lockedError } from "./holder.ts";
import { pathExists } from "./read.ts";
import { directoryError, systemCode } from "./system-error.ts";

/**
 * Takes a lock by creating its file, without waiting.
 *
 * A process that is killed leaves the file. It is never taken over: whether its maker still lives
 * cannot be told across machines and containers, and two runs that both take over at once would
 * both go on. The error says which file to delete, and whether its maker is gone.
 *
 * @throws ProxmoxMcpError LOCKED, WRITE_FAILED.
 */
export function lockByCreation(lock: string, note: string): HeldLock {
  const descriptor = createLock(lock);
  try {
    writeSync(descriptor, note);
    const created = fstatSync(descriptor, { bigint: true });
    return { release: () => releaseName(lock, created) };
  } finally {
    closeSync(descriptor);
  }
}

function createLock(lock: string): number {
  try {
    // Read-only, which tells it from a lock file that only counts with a flock on it. The mode is
    // there from the first instant, unlike anything that could be written into the file.
    return openSync(lock, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o400);
  } catch (error) {
    const code = systemCode(error);
    // Windows says EPERM for a file that is being deleted.
    if (code === "EEXIST" || (code === "EPERM" && pathExists(lock)))
      throw lockedError(lock, "file");
    throw directoryError(dirname(lock), error);
  }
}
