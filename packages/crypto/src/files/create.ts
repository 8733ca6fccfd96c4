/** Creating a file: wholly there, or not at all. */
import { linkSync, lstatSync, realpathSync, renameSync, type Stats, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { type Attributes, createDurable, settle } from "./durable.ts";
import { underLock } from "./lock.ts";
import { recoverDirectory } from "./recover.ts";
import { inspectTarget } from "./replace.ts";
import { type Checks, discard, type Staged, stage } from "./stage.ts";
import { durabilityError, systemCode, writeError } from "./system-error.ts";

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
  readonly owner?: { readonly uid: number; readonly gid: number };
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
 * NOT_CLOSED (an unfinished transaction in this directory), FILE_NOT_REGULAR for a
 * `replaceExisting` that is no file; and whatever `verify` throws. NOT_CLOSED with "was written,
 * but": the file is there, and whether it outlasts a power cut is unknown.
 */
export async function createFile(creation: Creation): Promise<void> {
  const { data, mode, owner, replaceExisting = false, operation = "create" } = creation;
  const target = finalPath(creation.path, replaceExisting);
  const attributes = { mode: mode & 0o777, ...(owner === undefined ? {} : { owner }) };
  await underLock(dirname(target), operation, creation.locks, async () => {
    recoverDirectory(dirname(target));
    const replacing = refuseExisting(target, replaceExisting);
    const staged = await stage(target, data, attributes, creation);
    // From here to the end nothing waits, so that no signal handler can come in between.
    try {
      if (replacing) renameSync(staged.path, target);
      else publish(staged, target, attributes);
    } catch (error) {
      discard(staged);
      throw writeError(target, error);
    }
    if (!replacing) dropTemporaryName(staged, target);
    settle(target, staged.hash, replacing ? "replaced" : "written");
  });
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

/** @returns whether a file is there that may be replaced. */
function refuseExisting(target: string, replaceExisting: boolean): boolean {
  const found = statOf(target);
  if (found === undefined) return false;
  if (!replaceExisting) throw existsError(target, found.isDirectory());
  inspectTarget(target);
  return true;
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw writeError(path, error);
  }
}

function existsError(target: string, directory = false): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "OUTPUT_EXISTS",
    `${target} ${directory ? "is a directory" : "exists already"}; nothing was written`,
    {
      where: { file: target },
      hint: directory ? "name a file in it" : "name another file",
    },
  );
}

// Unlike rename, link never replaces a file that somebody made in the meantime.
function publish(staged: Staged, target: string, attributes: Attributes): void {
  try {
    linkSync(staged.path, target);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") throw existsError(target);
    if (!LINKS_REFUSED.has(code)) throw error;
    createWithoutLink(staged, target, attributes);
  }
}

function dropTemporaryName(staged: Staged, target: string): void {
  try {
    unlinkSync(staged.path);
  } catch (error) {
    throw durabilityError(target, "written", error);
  }
}

/** What file systems without hard links (FAT, some network and FUSE ones) say to a link. */
const LINKS_REFUSED: ReadonlySet<string | undefined> = new Set([
  "EACCES",
  "EMLINK",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EPERM",
  "EXDEV",
]);

function createWithoutLink(staged: Staged, target: string, attributes: Attributes): void {
  try {
    createDurable(target, Buffer.from(staged.text, "utf8"), attributes);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw existsError(target);
    throw error;
  }
}
