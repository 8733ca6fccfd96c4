/** The names of backups, which stand beside their file: `<file>.backup.YYYYMMDD_HHMMSS`, in UTC. */

const BACKUP = /^(?<file>.+)\.backup\.(?<stamp>\d{8}_\d{6})$/s;
const STAMP = /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/;
const SECOND = 1000;

/** A second in time as `YYYYMMDD_HHMMSS`, in UTC. The Python tool writes its stamps in local time. */
export function stampOf(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_");
}

/** The second that a stamp names. @returns `undefined` for one that no calendar or clock has. */
export function stampTime(stamp: string): Date | undefined {
  const date = new Date(stamp.replace(STAMP, "$1-$2-$3T$4:$5:$6Z"));
  return !Number.isNaN(date.getTime()) && stampOf(date) === stamp ? date : undefined;
}

/** The path of the backup of a file, or its name where the name of the file is given. */
export function backupPath(target: string, stamp: string): string {
  return `${target}.backup.${stamp}`;
}

/** Reads the name of a backup. @returns `undefined` for any other name. */
export function parseBackupName(
  name: string,
): { readonly file: string; readonly stamp: string } | undefined {
  const { file, stamp } = BACKUP.exec(name)?.groups ?? {};
  if (file === undefined || stamp === undefined || stampTime(stamp) === undefined) return undefined;
  return { file, stamp };
}

/**
 * The one stamp of a run: the first second from now on in which none of its backups has a name that
 * is taken, by a run in the same second or before the clock jumped back.
 *
 * @param isTaken whether something is at a path.
 */
export function freeStamp(
  targets: readonly string[],
  now: Date,
  isTaken: (path: string) => boolean,
): string {
  for (let time = now.getTime(); ; time += SECOND) {
    const stamp = stampOf(new Date(time));
    if (!targets.some((target) => isTaken(backupPath(target, stamp)))) return stamp;
  }
}
