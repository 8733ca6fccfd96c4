/** Whether others than its owner can read a file. */
import { basename, dirname } from "node:path";
import type { FileStat } from "./read.ts";

/**
 * Says that a file is open to others, and to whom.
 *
 * What Kubernetes mounts for a group, owned by root and of mode 0440, is as tight as it gets there. On
 * Windows nothing is said: the modes that Node shows tell nothing of its access control lists.
 *
 * @returns such as "everybody (mode 644)", or `undefined` for a file that is tight.
 */
export function opennessOf(file: {
  readonly target: string;
  readonly stat: FileStat;
}): string | undefined {
  const { mode, uid } = file.stat;
  if (process.platform === "win32" || (mode & 0o077) === 0) return undefined;
  const groupReadsOnly = (mode & 0o037) === 0;
  // A mounted Secret is `KEY -> ..data/KEY`, and `..data -> ..2026_01_31_12_00_00.1234`.
  const mounted = basename(dirname(file.target)).startsWith("..");
  const given = uid === 0 && process.getuid?.() !== 0;
  if (groupReadsOnly && (mounted || given)) return undefined;
  const others = (mode & 0o007) === 0 ? "its group" : "everybody";
  return `${others} (mode ${mode.toString(8).padStart(3, "0")})`;
}
