/** Replacing a file by a new text: wholly, durably, or not at all. */
import { lstatSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { settle } from "./durable.ts";
import { underLock } from "./lock.ts";
import { type FileStat, hashFile, refuseIrregular, resolveTarget, toFileStat } from "./read.ts";
import { recoverDirectory } from "./recover.ts";
import { type Checks, discard, stage } from "./stage.ts";
import { readError, writeError } from "./system-error.ts";

/** A new text for a file that exists. */
export interface Replacement extends Checks {
  /** The file. A symbolic link stays one: the file that it leads to is replaced. */
  readonly target: string;
  /** The hash of the text that the new one was made from (`TextFile.hash`). */
  readonly expectedHash: string;
  readonly data: string;
  /** Permission bits of the new text. Default: those of the old one. */
  readonly mode?: number;
  /** Named to others who find the directory locked. Default: `replace`. */
  readonly operation?: string;
}

/**
 * Replaces a file. Mode and owner stay; access control lists and extended attributes do not.
 *
 * At every instant the file is wholly old or wholly new. When the promise is fulfilled, the new
 * text has been read back, verified, flushed with its name, and read back once more.
 *
 * @throws ProxmoxMcpError with nothing changed: LOCKED, FILE_NOT_FOUND, FILE_NOT_REGULAR,
 * FILE_CHANGED (it is not the text that was read), WRITE_FAILED (also for a file with several hard
 * links, and an owner that cannot be given), INTERRUPTED, NOT_CLOSED (an unfinished transaction);
 * and whatever `verify` throws. NOT_CLOSED with "was replaced, but": the new text is in place, and
 * whether it outlasts a power cut is unknown.
 */
export async function replaceFile(replacement: Replacement): Promise<void> {
  const { operation = "replace", expectedHash, data } = replacement;
  const target = resolveTarget(replacement.target);
  await underLock(dirname(target), operation, replacement.locks, async () => {
    recoverDirectory(dirname(target));
    const original = inspectTarget(target);
    refuseChanged(target, expectedHash);
    const attributes = {
      mode: replacement.mode ?? original.mode,
      owner: original,
      ownerRequired: true,
    };
    const staged = await stage(target, data, attributes, replacement);
    // From here to the end nothing waits, so that no signal handler can come in between.
    try {
      inspectTarget(target);
      refuseChanged(target, expectedHash);
      renameSync(staged.path, target);
    } catch (error) {
      discard(staged);
      throw writeError(target, error);
    }
    settle(target, staged.hash, "replaced");
  });
}

/**
 * Looks at a file that is to be replaced.
 *
 * @throws ProxmoxMcpError FILE_NOT_FOUND, FILE_NOT_REGULAR, WRITE_FAILED for several hard links.
 */
export function inspectTarget(target: string): FileStat {
  let stat: FileStat;
  try {
    const found = lstatSync(target, { bigint: true });
    refuseIrregular(target, found);
    stat = toFileStat(found);
  } catch (error) {
    throw readError(target, error);
  }
  if (stat.nlink <= 1) return stat;
  throw new ProxmoxMcpError(
    "WRITE_FAILED",
    `cannot replace ${target}: it has ${stat.nlink} hard links, and the others would keep the old ` +
      "text; nothing was changed",
    { where: { file: target }, hint: "remove the other names, or write to another file with -o" },
  );
}

function refuseChanged(target: string, expectedHash: string): void {
  if (hashFile(target) === expectedHash) return;
  throw new ProxmoxMcpError(
    "FILE_CHANGED",
    `${target} was changed by somebody else since it was read; nothing was written`,
    { where: { file: target }, hint: "look at the change, then run the command again" },
  );
}
