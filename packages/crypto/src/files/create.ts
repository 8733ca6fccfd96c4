/** Creating a file: wholly there, or not at all. */
import { lstatSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import type { Owner } from "./durable.ts";
import { isThere } from "./member.ts";
import { inspectFile } from "./original.ts";
import { hashFile } from "./read.ts";
import type { Checks } from "./stage.ts";
import { systemCode, writeError } from "./system-error.ts";
import { withTransaction } from "./transaction.ts";

/** A file to be made. */
export interface Creation extends Checks {
  readonly path: string;
  readonly data: string;
  /** Permission bits, exactly: the umask neither widens nor narrows them. */
  readonly mode: number;
  /**
   * Who it shall belong to. A user who may not give files away keeps it: nobody gains by that, and
   * refusing would take the command from everybody but root. Default: whoever runs this process.
   */
  readonly owner?: Owner;
  /**
   * Replaces a regular file that is there, whatever it holds; a symbolic link to one stays. Mode
   * and owner are those asked for, never those of the file that was there.
   */
  readonly replaceExisting?: boolean;
  /** Named to others who find the directory locked. Default: `create`. */
  readonly operation?: string;
}

/**
 * Creates a file. Its name appears at the moment when the text is complete, verified and flushed.
 *
 * @throws ProxmoxMcpError with nothing written: OUTPUT_EXISTS, LOCKED, WRITE_FAILED, INTERRUPTED,
 * NOT_CLOSED (an unfinished transaction in this directory), FILE_NOT_REGULAR for a directory, and for
 * a `replaceExisting` that is no file; and whatever `verify` throws. NOT_CLOSED with "was written,
 * but": the file is there, and whether it outlasts a power cut is unknown.
 */
export async function createFile(creation: Creation): Promise<void> {
  const { data, mode, replaceExisting = false, operation = "create" } = creation;
  const { verify, signal, locks } = creation;
  const owner = creation.owner ?? ("ours" as const);
  const target = finalPath(creation.path, replaceExisting);
  const scope = { directories: [dirname(target)], operation, locks };
  await withTransaction(scope, async ({ commit }) => {
    const before = replaceExisting && isThere(target) ? hashOf(target) : undefined;
    const make = () => ({ text: data, verify });
    const change = { target, before, make, mode: mode & 0o777, owner, backup: false };
    await commit([change], { signal });
  });
}

function hashOf(target: string): string {
  inspectFile(target);
  return hashFile(target);
}

/** Where the file will be: its directory resolved, and its own link too where that is followed. */
function finalPath(path: string, followLink: boolean): string {
  try {
    const target = join(realpathSync.native(dirname(path)), basename(path));
    return followLink && statOf(target)?.isSymbolicLink() ? followed(target) : target;
  } catch (error) {
    throw writeError(path, error);
  }
}

function followed(link: string): string {
  try {
    return realpathSync.native(link);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new ProxmoxMcpError(
      "WRITE_FAILED",
      `${link} is a link to a file that is not there; nothing was written`,
      { where: { file: link }, hint: "name the file itself", cause: error },
    );
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw writeError(path, error);
  }
}
