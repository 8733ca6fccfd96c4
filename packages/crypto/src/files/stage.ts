/** The text to come, complete and verified beside its target before it takes the target's name. */
import { unlinkSync } from "node:fs";
import { encodeUtf8 } from "../encoding.ts";
import { ProxmoxMcpError } from "../errors.ts";
import { type Attributes, createDurable } from "./durable.ts";
import type { Locks } from "./lock.ts";
import { temporaryPath } from "./names.ts";
import { hashBytes, hashFile } from "./read.ts";
import { writeError } from "./system-error.ts";

/** What a new text must pass before it may take its place. */
export interface Checks {
  /** Gets the text that is on the disk, as its hash confirms, and throws what is wrong with it. */
  readonly verify?: (text: string) => void | Promise<void>;
  /** Once aborted, nothing is changed any more. */
  readonly signal?: AbortSignal;
  /** The lock of the target's directory, where the caller holds it already. */
  readonly locks?: Locks | undefined;
}

/** A complete text under its temporary name `.T.pm-ID.new`. */
export interface Staged {
  readonly path: string;
  /** SHA-256 in hex. */
  readonly hash: string;
}

/**
 * Writes a text beside its target, reads it back and verifies it. Call it under the lock.
 *
 * @param id of the transaction, for the temporary name.
 * @throws ProxmoxMcpError WRITE_FAILED, INTERRUPTED; what `verify` throws. The temporary file is gone
 * then.
 */
export async function stage(
  target: string,
  data: string,
  attributes: Attributes,
  checks: Pick<Checks, "verify" | "signal">,
  id: string,
): Promise<Staged> {
  refuseInterrupted(target, checks.signal);
  const path = temporaryPath(target, id, "new");
  try {
    const hash = writeStaged(target, path, data, attributes);
    await checks.verify?.(data);
    refuseInterrupted(target, checks.signal);
    return { path, hash };
  } catch (error) {
    discard({ path });
    throw writeError(target, error);
  }
}

// The bytes are needed no longer than this: while a large text is verified, memory is short enough.
function writeStaged(target: string, path: string, text: string, attributes: Attributes): string {
  const bytes = encodeUtf8(text);
  if (bytes === undefined) {
    throw new ProxmoxMcpError(
      "WRITE_FAILED",
      `cannot write ${target}: half of a surrogate pair has no UTF-8 form; nothing was changed`,
      { where: { file: target } },
    );
  }
  const hash = hashBytes(bytes);
  createDurable(path, [bytes], attributes);
  if (hashFile(path) !== hash) throw differingBytes(target);
  return hash;
}

/** Takes a staged text away again, after a failure. */
export function discard(staged: Pick<Staged, "path">): void {
  try {
    unlinkSync(staged.path);
  } catch {
    // The failure that led here says more than this one; the next run in this directory deletes it.
  }
}

/** @throws ProxmoxMcpError INTERRUPTED once a signal came. */
export function refuseInterrupted(target: string, signal: AbortSignal | undefined): void {
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
