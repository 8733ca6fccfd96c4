/** Which backups are to be pruned: by age and by rank, if both allow it. */
import { basename, dirname } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { stampTime } from "@proxmox-mcp/crypto/files";
import { backupsIn, type FoundBackup } from "./find.ts";

/** How long backups are kept. */
export interface Limits {
  /** Older ones go, in milliseconds. */
  readonly olderThan?: number | undefined;
  /** So many of each file stay, the newest. */
  readonly keep?: number | undefined;
}

/** @throws ProxmoxMcpError USAGE where there is no limit at all. */
export function refuseUnlimited({ olderThan, keep }: Limits): void {
  if (olderThan !== undefined || keep !== undefined) return;
  throw new ProxmoxMcpError("USAGE", "prune needs to know which backups to delete", {
    hint: "give --older-than 90d, --keep 3 or both: then a backup goes only if both allow it",
  });
}

/** The backups that may go. Those of a file count all together, whichever of them were named. */
export function outdatedOf(
  backups: readonly FoundBackup[],
  { olderThan, keep }: Limits,
  now: Date,
): readonly FoundBackup[] {
  const stampsOf = stampsByFile(backups);
  return backups.filter((backup) => {
    const isOld = olderThan === undefined || ageOf(backup, now) > olderThan;
    if (!isOld || keep === undefined) return isOld;
    return stampsOf(backup).filter((stamp) => stamp > backup.stamp).length >= keep;
  });
}

function ageOf({ stamp }: FoundBackup, now: Date): number {
  const time = stampTime(stamp);
  if (time === undefined) throw new TypeError("a backup has the stamp of a second");
  return now.getTime() - time.getTime();
}

/** All stamps of the file that a backup belongs to; each directory is listed once. */
function stampsByFile(backups: readonly FoundBackup[]): (backup: FoundBackup) => readonly string[] {
  const stamps = new Map<string, string[]>();
  const nameOf = (directory: string, { path, stamp }: FoundBackup) =>
    `${directory}/${basename(path, stamp)}`;
  for (const directory of new Set(backups.map(({ path }) => dirname(path)))) {
    for (const backup of backupsIn(directory)) {
      const name = nameOf(directory, backup);
      const known = stamps.get(name);
      if (known === undefined) stamps.set(name, [backup.stamp]);
      else known.push(backup.stamp);
    }
  }
  return (backup) => stamps.get(nameOf(dirname(backup.path), backup)) ?? [];
}
