/** A transaction of one file that keeps no backup: its rename is the commit point. */
import { lstatSync, renameSync, unlinkSync } from "node:fs";
import { type CommitDetails, tell } from "./commit-details.ts";
import { type Attributes, settle } from "./durable.ts";
import type { FileChange } from "./file-change.ts";
import { createId } from "./names.ts";
import { inspectFile, inspectOriginal, refuseChanged } from "./original.ts";
import { publish, refuseExisting } from "./publish.ts";
import { discard, refuseInterrupted, type Staged, stage } from "./stage.ts";
import { durabilityError, writeError } from "./system-error.ts";

/**
 * Gives one file its new text. Call it under the lock of its directory.
 *
 * @throws ProxmoxMcpError as `Transaction.commit`.
 */
export async function commitOne(change: FileChange, details: CommitDetails): Promise<void> {
  const { target } = change;
  const { signal, onProgress } = details;
  const attributes = attributesFor(change);
  const { text, verify } = await change.make();
  const checks = { ...(verify && { verify }), ...(signal && { signal }) };
  const staged = await stage(target, text, attributes, checks, createId());
  // From here to the end nothing waits, so that no signal handler can come in between.
  try {
    onProgress?.({ step: "write", done: 1, total: 1 });
    refuseInterrupted(target, signal);
    attributesFor(change);
    if (change.before === undefined) publish(staged.path, target);
    else renameSync(staged.path, target);
  } catch (error) {
    discard(staged);
    throw writeError(target, error);
  }
  const done = change.before === undefined ? "written" : "replaced";
  dropTemporaryName(staged, target, done);
  settle(target, staged.hash, done);
  tell(details, { step: "replace", done: 1, total: 1 });
}

/**
 * Makes sure that a target still is what the change was made for.
 *
 * @returns who the new text shall belong to, and who may use it.
 * @throws ProxmoxMcpError OUTPUT_EXISTS, FILE_NOT_FOUND, FILE_NOT_REGULAR, FILE_CHANGED, WRITE_FAILED.
 */
export function attributesFor(change: FileChange): Attributes {
  const { target, before } = change;
  const attributes = inspect(change);
  if (before !== undefined) refuseChanged(target, before);
  return attributes;
}

/** The same without reading the file. */
export function inspect(change: FileChange): Attributes {
  const { target, before, mode } = change;
  if (before === undefined) {
    refuseExistingNow(target);
    return { mode: mode ?? 0o600, ...givenOwner(change) };
  }
  if (change.owner !== undefined) {
    const original = inspectFile(target);
    return { mode: mode ?? original.mode, ...givenOwner(change) };
  }
  const original = inspectOriginal(target);
  return { mode: mode ?? original.mode, owner: original, ownerRequired: true };
}

function givenOwner({ owner }: FileChange): Pick<Attributes, "owner"> {
  return owner === undefined || owner === "ours" ? {} : { owner };
}

function refuseExistingNow(target: string): void {
  try {
    refuseExisting(target);
  } catch (error) {
    throw writeError(target, error);
  }
}

function dropTemporaryName({ path }: Staged, target: string, done: "written" | "replaced"): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) unlinkSync(path);
  } catch (error) {
    throw durabilityError(target, done, error);
  }
}
