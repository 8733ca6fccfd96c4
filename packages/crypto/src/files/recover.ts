/** What an earlier run left in a directory when it was killed. */
import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { parseTemporaryName, RECORD_NAME } from "./names.ts";
import { writeError } from "./system-error.ts";

/**
 * Deletes the temporary files of dead runs. Call it under the directory's lock: then no other run
 * lives that could own them.
 *
 * Without a record no file was ever replaced by them: a `.new` is a text that never took its place,
 * and an `.old` is a second name of a text whose own name is still there, or it stays.
 *
 * @throws ProxmoxMcpError NOT_CLOSED where a transaction's record stands; nothing is touched then.
 */
export function recoverDirectory(directory: string): void {
  const record = join(directory, RECORD_NAME);
  if (isPresent(record)) {
    throw new ProxmoxMcpError(
      "NOT_CLOSED",
      `an earlier run in ${directory} was not closed; nothing was changed`,
      {
        where: { file: record },
        hint: "finish it with the version that began it, then run the command again",
      },
    );
  }
  for (const name of listNames(directory)) {
    const temporary = parseTemporaryName(name);
    if (temporary === undefined) continue;
    const path = join(directory, name);
    if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    if (temporary.kind === "old" && !isPresent(join(directory, temporary.file))) continue;
    deleteLeftover(path);
  }
}

function isPresent(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw writeError(directory, error);
  }
}

function deleteLeftover(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // In a directory with the sticky bit it may be another user's. It is in nobody's way: names of
    // temporary files are never used twice.
  }
}
