/** Texts beside a file that somebody else may have put there: recovery does not give them its name. */
import { ProxmoxMcpError } from "../errors.ts";
import { hashAt, lookAt, type MemberFile } from "./member.ts";
import { toFileStat } from "./read.ts";
import { isTrusted } from "./writer.ts";

/**
 * Makes sure of every text that is going to replace a file: a regular file, which is our own, root's
 * or that of the owner of the file. Its mode does not matter, since it is the file's. One that
 * replaces nothing takes nothing from anybody.
 *
 * @param goesBack whether old texts take the place of new ones, or new ones that of old ones.
 * @throws ProxmoxMcpError NOT_CLOSED naming the text and its owner.
 */
export function refuseForeignTexts(files: readonly MemberFile[], goesBack: boolean): void {
  for (const { target, newPath, oldPath, before, after } of files) {
    if (before === undefined) continue;
    const path = goesBack ? oldPath : newPath;
    const trouble = troubleWith(path, target);
    if (trouble === undefined || hashAt(target) !== (goesBack ? after : before)) continue;
    throw new ProxmoxMcpError(
      "NOT_CLOSED",
      `an earlier run was to rename ${path} to ${target}, but it ${trouble}; nothing was changed`,
      {
        where: { file: path },
        hint: "find out who made it, then see docs/rotation.md, recovery by hand",
      },
    );
  }
}

function troubleWith(path: string, target: string): string | undefined {
  const text = lookAt(path);
  const replaced = lookAt(target);
  if (text === undefined || replaced === undefined) return undefined;
  if (!text.isFile()) return "is no regular file";
  const { uid } = toFileStat(text);
  return isTrusted({ uid }, toFileStat(replaced)) ? undefined : `belongs to user ${uid}`;
}
