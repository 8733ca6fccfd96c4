/** The name of a backup as people look for it. */
import { resolve } from "node:path";

/**
 * People look for a backup beside the name that they gave, unless that is a link.
 *
 * @param file the name that they gave.
 * @param target its real path.
 * @param backup the real path of its backup, if it has one.
 */
export function besideFile(
  file: string,
  target: string,
  backup: string | undefined,
): string | undefined {
  const isLink = resolve(file) !== target;
  return backup === undefined || isLink ? backup : file + backup.slice(target.length);
}
