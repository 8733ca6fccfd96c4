/** Deleting backups, durably, and nothing else. */
import { lstatSync, unlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { parseBackupName } from "./backup-name.ts";
import { syncDirectory } from "./durable.ts";
import { refuseIrregular } from "./read.ts";
import { readError, systemCode, systemReason } from "./system-error.ts";

/**
 * Deletes backups. Call it under the locks of their directories. One that is gone already is no
 * failure, so that it can be repeated.
 *
 * @throws ProxmoxMcpError before anything is deleted: FILE_NOT_REGULAR for a link, a directory or a
 * device, FILE_UNREADABLE. WRITE_FAILED tells how many were deleted before; NOT_CLOSED says that they
 * are gone, but perhaps not after a power cut. TypeError for a name that no backup has.
 */
export function deleteBackups(paths: readonly string[]): void {
  for (const path of paths) refuseOther(path);
  for (const [index, path] of paths.entries()) unlink(path, index);
  for (const directory of new Set(paths.map((path) => dirname(path)))) sync(directory);
}

function refuseOther(path: string): void {
  if (parseBackupName(basename(path)) === undefined) throw new TypeError("not a backup's name");
  try {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat !== undefined) refuseIrregular(path, stat);
  } catch (error) {
    throw readError(path, error);
  }
}

function unlink(path: string, before: number): void {
  try {
    unlinkSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code === "ENOENT") return;
    const others = before === 0 ? "nothing was deleted" : `${before} before it were deleted`;
    throw new ProxmoxMcpError(
      "WRITE_FAILED",
      `cannot delete ${path}: ${systemReason(error)}; ${others}`,
      {
        where: { file: path },
        cause: error,
        hint: `run as a user who may write in ${dirname(path)}, then run the command again`,
      },
    );
  }
}

function sync(directory: string): void {
  try {
    syncDirectory(directory);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new ProxmoxMcpError(
      "NOT_CLOSED",
      `backups in ${directory} were deleted, but perhaps not durably: ${systemReason(error)}`,
      { where: { file: directory }, cause: error, hint: "check the disk, then list the backups" },
    );
  }
}
