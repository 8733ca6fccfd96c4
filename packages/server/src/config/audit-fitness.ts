/** Which files can be an audit log. */
import { readSync, type Stats } from "node:fs";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { isStdoutFile } from "../log/stdout-file.ts";

/** What every line of an audit log begins with, so that one can be told from another file. */
export const BEGINNING = '{"v":1,';

/**
 * Why a file cannot be one, with the way out; `undefined` where it can.
 *
 * @param path for the words alone.
 * @param stat of the file itself, not of what it links to.
 * @param descriptor reads the file, where it is open. One that cannot be an audit log by what it is
 * should not be opened.
 * @returns FILE_NOT_REGULAR
 */
export function auditUnfitness(
  path: string,
  stat: Stats,
  descriptor?: number,
): ProxmoxMcpError | undefined {
  const reason = reasonOf(stat) ?? (isOther(descriptor) ? "holds something else" : undefined);
  if (reason === undefined) return undefined;
  const message = `${path} cannot be an audit log: it ${reason}`;
  return new ProxmoxMcpError("FILE_NOT_REGULAR", message, {
    where: { location: "/audit/file" },
    hint: "name a file of its own in audit.file, which only the server may write to",
  });
}

function reasonOf(stat: Stats): string | undefined {
  if (stat.isSymbolicLink()) return "is a symbolic link";
  if (!stat.isFile()) return "is no regular file";
  if (isStdoutFile(stat)) return "is what standard output goes to";
  if (stat.nlink > 1) return "is known by more than one name";
  // On Windows the modes that Node shows tell nothing of its access control lists.
  if (process.platform === "win32" || (stat.mode & 0o022) === 0) return undefined;
  return `may be written by others (mode ${(stat.mode & 0o777).toString(8)})`;
}

/** Whether something that is no audit log, or the first piece of one, stands in a file. */
function isOther(descriptor: number | undefined): boolean {
  if (descriptor === undefined) return false;
  const bytes = Buffer.alloc(BEGINNING.length);
  const [first = ""] = bytes
    .toString("latin1", 0, readSync(descriptor, bytes, { position: 0 }))
    .split("\n");
  return !BEGINNING.startsWith(first);
}
