/** The steps that make bytes stay: written whole, flushed, read back. */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { ownerError } from "./original.ts";
import { hashFile } from "./read.ts";
import { durabilityError, systemCode } from "./system-error.ts";

/** A user and a group, by their numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Who a new file shall belong to, and who may use it. */
export interface Attributes {
  /** Permission bits, exactly: the umask neither widens nor narrows them. */
  readonly mode: number;
  /** Left out: whoever runs this process. */
  readonly owner?: Owner;
  /** Whether to fail where the owner cannot be given; otherwise the file stays our own. */
  readonly ownerRequired?: boolean;
}

/**
 * Creates a file that must not exist, and flushes it. Until it is complete nobody else may open it.
 * On any failure the file is gone again.
 *
 * @param pieces of its content, in their order; each is written before the next one is asked for.
 * @throws the system error, or ProxmoxMcpError WRITE_FAILED where the disk takes no more bytes.
 */
export function createDurable(
  path: string,
  pieces: Iterable<Uint8Array>,
  attributes: Attributes,
): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const descriptor = openSync(path, flags, 0o600);
  try {
    try {
      for (const bytes of pieces) writeWhole(path, descriptor, bytes);
      // The owner first: giving a file away can clear bits of its mode.
      setOwner(path, descriptor, attributes);
      fchmodSync(descriptor, attributes.mode);
      // Once only: after a failed fsync the kernel may have dropped the pages, and a second call
      // would report success for bytes that are gone.
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    unlinkSync(path);
    throw error;
  }
}

/** Flushes a directory, so that the names in it outlast a power cut. */
export function syncDirectory(directory: string): void {
  // Windows has no call for this; NTFS keeps a journal of its names.
  if (process.platform === "win32") return;
  const descriptor = openSync(directory, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Some network and FUSE file systems cannot flush a directory: there is nothing more to do.
    const code = systemCode(error);
    if (code !== "EINVAL" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The last step, after a file took its final name: flushes the name and reads the bytes back.
 *
 * @throws ProxmoxMcpError NOT_CLOSED, since the file is no longer as it was.
 */
export function settle(path: string, hash: string, done: "replaced" | "written"): void {
  try {
    syncDirectory(dirname(path));
  } catch (error) {
    throw durabilityError(path, done, error);
  }
  let found: string | undefined;
  let cause: unknown;
  try {
    found = hashFile(path);
  } catch (error) {
    cause = error;
  }
  if (found === hash) return;
  throw new ProxmoxMcpError(
    "NOT_CLOSED",
    `${path} was ${done}, but reading it back did not give the bytes that were written`,
    { where: { file: path }, cause, hint: "check the disk, and who else writes this file" },
  );
}

function writeWhole(path: string, descriptor: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    // A write may end short without an error; only the next one says why.
    const count = writeSync(descriptor, bytes, written);
    if (count === 0) {
      throw new ProxmoxMcpError(
        "WRITE_FAILED",
        `cannot write ${path}: the disk takes no more bytes; nothing was changed`,
        { where: { file: path } },
      );
    }
    written += count;
  }
}

function setOwner(path: string, descriptor: number, attributes: Attributes): void {
  const { owner, ownerRequired = false } = attributes;
  const stat = fstatSync(descriptor);
  if (owner === undefined || (stat.uid === owner.uid && stat.gid === owner.gid)) return;
  try {
    fchownSync(descriptor, owner.uid, owner.gid);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    if (!ownerRequired) return;
    throw ownerError(path, owner, error);
  }
}
