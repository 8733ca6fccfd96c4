/** The text to come, complete and verified beside its target before it takes the target's name. */
import { unlinkSync } from "node:fs";
import { decodeUtf8, encodeUtf8 } from "../encoding.ts";
import { ProxmoxMcpError } from "../errors.ts";
import { type Attributes, createDurable } from "./durable.ts";
import { createId, temporaryPath } from "./names.ts";
import { hashBytes, readRegularFile } from "./read.ts";
import { writeError } from "./system-error.ts";

/** What a new text must pass before it may take its place. */
export interface Checks {
  /** Gets the text as it was read back from the disk, and throws what is wrong with it. */
  readonly verify?: (text: string) => void | Promise<void>;
  /** Once aborted, nothing is changed any more. */
  readonly signal?: AbortSignal;
}

/** A complete text under its temporary name `.T.pm-ID.new`. */
export interface Staged {
  readonly path: string;
  readonly bytes: Buffer;
  /** SHA-256 in hex. */
  readonly hash: string;
}

/**
 * Writes a text beside its target, reads it back and verifies it. Call it under the lock.
 *
 * @throws ProxmoxMcpError WRITE_FAILED, INTERRUPTED; what `verify` throws. The temporary file is gone
 * then.
 */
export async function stage(
  target: string,
  data: string,
  attributes: Attributes,
  checks: Checks,
): Promise<Staged> {
  refuseInterrupted(target, checks.signal);
  const bytes = encodeUtf8(data);
  if (bytes === undefined) {
    throw new ProxmoxMcpError(
      "WRITE_FAILED",
      `cannot write ${target}: half of a surrogate pair has no UTF-8 form; nothing was changed`,
      { where: { file: target } },
    );
  }
  const staged = { path: temporaryPath(target, createId(), "new"), bytes, hash: hashBytes(bytes) };
  try {
    createDurable(staged.path, bytes, attributes);
    const found = readRegularFile(staged.path, Number.POSITIVE_INFINITY);
    if (hashBytes(found.bytes) !== staged.hash) throw differingBytes(target);
    await checks.verify?.(decodeUtf8(found.bytes) ?? "");
    refuseInterrupted(target, checks.signal);
    return staged;
  } catch (error) {
    discard(staged);
    throw writeError(target, error);
  }
}

/** Takes a staged text away again, after a failure. */
export function discard(staged: Staged): void {
  try {
    unlinkSync(staged.path);
  } catch {
    // The failure that led here says more than this one; the next run in this directory deletes it.
  }
}

function refuseInterrupted(target: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new ProxmoxMcpError("INTERRUPTED", `interrupted: ${target} was not changed`, {
    where: { file: target },
  });
}

function differingBytes(target: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "WRITE_FAILED",
    `cannot write ${target}: the disk gave back other bytes than were written; nothing was changed`,
    { where: { file: target }, hint: "check the disk before you write to it again" },
  );
}
