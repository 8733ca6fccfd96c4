/** Flushing a file that somebody else wrote. */
import { closeSync, constants, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { syncDirectory } from "./durable.ts";
import { systemCode, writeError } from "./system-error.ts";

/**
 * Makes a file and its name outlast a power cut. Whoever wrote it may not have come to that: `cp` does
 * not, and neither does a run that was killed.
 *
 * @throws ProxmoxMcpError WRITE_FAILED.
 */
export function flushFile(path: string): void {
  try {
    // Windows flushes only what was opened for writing; elsewhere reading will do.
    const mode = process.platform === "win32" ? constants.O_RDWR : constants.O_RDONLY;
    const descriptor = openSync(path, mode);
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    flushName(dirname(path));
  } catch (error) {
    throw writeError(path, error);
  }
}

// A directory that may not be listed cannot be opened either; files in it can.
function flushName(directory: string): void {
  try {
    syncDirectory(directory);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EACCES" && code !== "EPERM") throw error;
  }
}
