/** `rotate-key` and `rotate-key-all`: one new master key for many files, all of them or none. */
import {
  everyKey,
  formatKeyText,
  type KeyText,
  ProxmoxMcpError,
  switchedTo,
} from "@proxmox-mcp/crypto";
import { type Recovery, type Transaction, withTransaction } from "@proxmox-mcp/crypto/files";
import { confirmed } from "../confirm.ts";
import type { RotateKeyAllInvocation, RotateKeyInvocation } from "../invocation.ts";
import { type Io, refuseInterrupted } from "../io.ts";
import { findKeys, type Keys } from "../keys.ts";
import { createReport } from "../progress.ts";
import { rotationPlan } from "../render/rotate-key.ts";
import { afterRecovery } from "../rotation/after-recovery.ts";
import { changesOf } from "../rotation/changes.ts";
import type { Destination } from "../rotation/destination.ts";
import { findDestination } from "../rotation/find-destination.ts";
import { keyDirectories, storeNewKey } from "../rotation/key-store.ts";
import { dropPromotedPending, keyFileChange, promoteNewKey } from "../rotation/key-switch.ts";
import { isIdle, type Looked, look, type Run } from "../rotation/look.ts";
import { findWaitingKey } from "../rotation/new-key.ts";
import {
  emptyResult,
  newKeyFileOf,
  plannedResult,
  type RotateResult,
  resultOf,
  rotatedFile,
} from "../rotation/result.ts";
import type { SurveyedFile } from "../rotation/survey.ts";
import { directoriesOf, findTargets, openDirectoriesOf } from "../rotation/targets.ts";

/**
 * Runs a rotation.
 *
 * @throws ProxmoxMcpError with no config changed, or NOT_CLOSED; a new key that was stored by then is
 * used by the next run.
 */
export async function rotateKey(
  io: Io,
  invocation: RotateKeyInvocation | RotateKeyAllInvocation,
): Promise<RotateResult> {
  const keys = await findKeys(io, invocation);
  const destination = findDestination(io, invocation, keys.source);
  const run = { io, invocation, destination, ...(await findTargets(invocation)) };
  if (invocation.dryRun) return planned(run, keys);
  const scope = {
    directories: [...directoriesOf(run.targets), ...keyDirectories(io, destination)],
    operation: invocation.command,
  };
  return withTransaction(scope, (transaction) => {
    const { recovered } = transaction;
    return afterRecovery(recovered, async () => {
      // Whoever held the locks before may have changed the key text; so may the recovery.
      const now = keys.source.kind === "variable" ? keys : await findKeys(io, invocation);
      const finished = recovered.find((recovery) => isSameRun(run, now, recovery));
      return finished === undefined
        ? rotateUnderLock(await look(run, now), transaction)
        : closeRecovered(run, now, transaction, finished);
    });
  });
}

// A half of a run is on the disk, and links to old texts: no plan that is made of that would come true.
async function planned(run: Run, keys: Keys): Promise<RotateResult> {
  const open = openDirectoriesOf(run.targets);
  if (open.length > 0) return { ...emptyResult(run, keys), outcome: "planned", open };
  return plannedResult(await look(run, keys));
}

async function rotateUnderLock(
  looked: Looked,
  { locks, commit, recovered }: Transaction,
): Promise<RotateResult> {
  const { run, keys, newKey, todo } = looked;
  const { io, invocation, destination } = run;
  if (newKey === undefined || isIdle(looked)) {
    dropPromotedPending(io, keys.keys);
    return { ...resultOf(looked), outcome: "nothing", recovered };
  }
  await confirmed(
    io,
    invocation,
    rotationPlan({ ...plannedResult(looked), recovered }),
    question(todo),
  );
  refuseInterrupted(io);
  dropPromotedPending(io, keys.keys);
  const storing = { io, destination, keys: keys.keys, locks };
  const stored = await storeNewKey(storing, newKey);
  const flip = keyFileChange(storing, newKey);
  const report = createReport(io, invocation.json);
  const { backups } = await commit(
    [...changesOf(looked, newKey.key), ...(flip === undefined ? [] : [flip])],
    {
      signal: io.signal,
      now: io.now(),
      requested: run.targets.map(({ target }) => target),
      keyId: newKey.key.id,
      onProgress: ({ step, done, total }) => report(step, done, total),
    },
  );
  await promoteNewKey(storing, newKey);
  return {
    ...resultOf(looked),
    outcome: "rotated",
    newKeyId: newKey.key.id,
    files: todo.map((file) => rotatedFile(file, backups.get(file.target))),
    newKeyFile: newKeyFileOf(destination, keys, newKey.origin),
    pendingFile: isPendingAlone(destination) ? stored : undefined,
    recovered,
    text: invocation.stdout ? formatKeyText(switchedTo(keys.keys, newKey.key)) : undefined,
  };
}

function isPendingAlone(destination: Destination): boolean {
  return destination.kind === "sink" && destination.keyFile === undefined;
}

function question(todo: readonly SurveyedFile[]): string {
  if (todo.length === 0) return "Switch to that key?";
  return todo.length === 1 ? "Rotate this file?" : `Rotate these ${todo.length} files?`;
}

/** Whether an interrupted run has done all that was asked for: another key would be one too many. */
function isSameRun({ targets, destination, io }: Run, keys: Keys, recovery: Recovery): boolean {
  const { outcome, operation, keyId } = recovery;
  if (outcome !== "finished" || !operation.startsWith("rotate-key")) return false;
  if (!targets.every(({ target }) => recovery.targets.includes(target))) return false;
  const isNamed = destination.kind === "given";
  return !isNamed || findWaitingKey(io, destination, keys.keys)?.id === keyId;
}

async function closeRecovered(
  run: Run,
  keys: Keys,
  { locks, recovered }: Transaction,
  { keyId }: Recovery,
): Promise<RotateResult> {
  const { io, destination } = run;
  const waiting = findWaitingKey(io, destination, keys.keys);
  const isWaiting = waiting !== undefined && waiting.id === keyId;
  if (!isWaiting) refuseUnknown(keys, keyId);
  else {
    const storing = { io, destination, keys: keys.keys, locks };
    await promoteNewKey(storing, { key: waiting, origin: "waiting" });
  }
  return {
    ...emptyResult(run, keys),
    outcome: "recovered",
    newKeyId: keyId,
    newKeyFile: newKeyFileOf(destination, keys, isWaiting ? "waiting" : "active"),
    recovered,
  };
}

// The run that was interrupted may have been told of another place for its key.
function refuseUnknown({ keys, from }: { keys: KeyText; from: string }, keyId: string | undefined) {
  if (everyKey(keys).some(({ id }) => id === keyId)) return;
  throw new ProxmoxMcpError(
    "NO_KEY_OPENS",
    `the files are on key ${keyId} now, and ${from} does not hold it`,
    { hint: "name the place that the interrupted run stored it in, with the same flags as then" },
  );
}
