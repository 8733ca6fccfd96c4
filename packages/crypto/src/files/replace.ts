/** Replacing one file by a new text: wholly, durably, or not at all. */
import { dirname } from "node:path";
import { resolveTarget } from "./read.ts";
import type { Checks } from "./stage.ts";
import { withTransaction } from "./transaction.ts";

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
  const { operation = "replace", expectedHash, data, mode, verify, locks, signal } = replacement;
  const target = resolveTarget(replacement.target);
  const scope = { directories: [dirname(target)], operation, locks };
  await withTransaction(scope, async ({ commit }) => {
    const make = () => ({ text: data, verify });
    await commit([{ target, before: expectedHash, make, mode, backup: false }], { signal });
  });
}
