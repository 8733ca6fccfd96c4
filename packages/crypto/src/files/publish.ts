/** Giving a complete text the name of a file that must not be there yet. */
import { linkSync, lstatSync, renameSync } from "node:fs";
import { ProxmoxMcpError } from "../errors.ts";
import { isDirectory } from "./read.ts";
import { systemCode } from "./system-error.ts";

/** What file systems without hard links (FAT, some network and FUSE ones) say to a link. */
export const LINKS_REFUSED: ReadonlySet<string | undefined> = new Set([
  "EACCES",
  "EMLINK",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EPERM",
  "EXDEV",
]);

/**
 * Gives a text a name that nothing may have. Its temporary name may stay beside it. Unlike rename,
 * link never replaces a file that somebody made in the meantime; where a file system has no links, a
 * last look has to do.
 *
 * @throws ProxmoxMcpError OUTPUT_EXISTS, or the system error.
 */
export function publish(path: string, target: string): void {
  try {
    linkSync(path, target);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") throw existsError(target);
    if (!LINKS_REFUSED.has(code)) throw error;
    refuseExisting(target);
    renameSync(path, target);
  }
}

/** @throws ProxmoxMcpError OUTPUT_EXISTS where anything is at a path; as `refuseDirectory`. */
export function refuseExisting(target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false }) === undefined) return;
  refuseDirectory(target);
  throw existsError(target);
}

/** @throws ProxmoxMcpError FILE_NOT_REGULAR where a path that is to be written leads to a directory. */
export function refuseDirectory(target: string): void {
  if (!isDirectory(target)) return;
  throw new ProxmoxMcpError("FILE_NOT_REGULAR", `${target} is a directory; nothing was written`, {
    where: { file: target },
    hint: "name a file in it",
  });
}

function existsError(target: string): ProxmoxMcpError {
  return new ProxmoxMcpError("OUTPUT_EXISTS", `${target} exists already; nothing was written`, {
    where: { file: target },
    hint: "name another file",
  });
}
