/** Which files can be an audit log. */
import type { Stats } from "node:fs";
import { isStdoutFile } from "../log/stdout-file.ts";

/** Why a file cannot; `undefined` where it can. @param stat of the file itself, not of what it links to. */
export function unfitness(stat: Stats): string | undefined {
  if (stat.isSymbolicLink()) return "is a symbolic link";
  if (!stat.isFile()) return "is no regular file";
  if (isStdoutFile(stat)) return "is what standard output goes to";
  if (stat.nlink > 1) return "is known by more than one name";
  // On Windows the modes that Node shows tell nothing of its access control lists.
  if (process.platform === "win32" || (stat.mode & 0o022) === 0) return undefined;
  return `may be written by others (mode ${(stat.mode & 0o777).toString(8)})`;
}
