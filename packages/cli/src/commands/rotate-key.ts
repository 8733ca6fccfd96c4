/** `rotate-key` and `rotate-key-all`: one new master key for many files, all of them or none. */
import { formatKeyText, type KeyText, ProxmoxMcpError, switchedTo } from "@proxmox-mcp/crypto";
import { type Recovery, type Transaction, withTransaction } from "@proxmox-mcp/crypto/files";
import { everyKey } from "@proxmox-mcp/crypto/internal";
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
import {
  dropPendingOfSource,
  dropPromotedPending,
  keyFileChange,
  promoteNewKey,
} from "../rotation/key-switch.ts";
import { isIdle, type Looked, look, type Run } from "../rotation/look.ts";
import { findWaitingKey, keysIn, type NewKey } from "../rotation/new-key.ts";
import { isOutside, keyFileBeside } from "../rotation/outside-store.ts";
import {
  emptyResult,
  newKeyFileOf,
  plannedResult,
  type RotateResult,
  resultOf,
  rotatedFile,
} from "../rotation/result.ts";
import type { SurveyedFile } from "../rotation/survey.ts";
import { directoriesOf, findTargets, openDirectoriesOf, type Target } from "../rotation/targets.ts";
import { tellingWhereStored } from "../rotation/where-stored.ts";

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
    directories: [
      ...directoriesOf(run.targets),
      ...openDirectoriesOf(invocation, run.targets),
      ...keyDirectories(io, destination),
    ],
    operation: invocation.command,
  };
  return withTransaction(scope, (transaction) =>
    afterRecovery(transaction.recovered, async () => {
      // Whoever held the locks before may have changed the key text; so may the recovery.
      const now = keys.source.kind === "variable" ? keys : await findKeys(io, invocation);
      return rotateOrClose(await withFilesOfNow(run, transaction), now, transaction);
    }),
  );
}

// The recovery may have brought files back.
async function withFilesOfNow(run: Run, { recovered, locks }: Transaction): Promise<Run> {
  if (recovered.length === 0) return run;
  const found = await findTargets(run.invocation);
  await locks.add(directoriesOf(found.targets));
  return { ...run, ...found };
}

async function rotateOrClose(
  run: Run,
  keys: Keys,
  transaction: Transaction,
): Promise<RotateResult> {
  const finished = findSameRun(run, keys, transaction);
  if (finished !== undefined) return closeRecovered(run, keys, transaction, finished);
  const looked = await look(run, keys);
  const { failed } = looked.survey;
  if (failed.length === 0) return rotateUnderLock(looked, transaction);
  // The interrupted run may have left them out as well, and have done all others.
  const rest = { ...run, targets: targetsOf(looked) };
  const finishedRest = findSameRun(rest, keys, transaction);
  if (finishedRest === undefined) return rotateUnderLock(looked, transaction);
  return { ...(await closeRecovered(rest, keys, transaction, finishedRest)), failed };
}

/** The files of a run without those that it leaves out. */
function targetsOf({ run, survey }: Looked): readonly Target[] {
  const failed = new Set(survey.failed.map(({ path }) => path));
  return run.targets.filter(({ path }) => !failed.has(path));
}

// A half of a run is on the disk, and links to old texts: no plan that is made of that would come true.
async function planned(run: Run, keys: Keys): Promise<RotateResult> {
  const interrupted = openDirectoriesOf(run.invocation, run.targets);
  if (interrupted.length > 0) return { ...emptyResult(run, keys), outcome: "planned", interrupted };
  return plannedResult(await look(run, keys));
}

async function rotateUnderLock(
  looked: Looked,
  { locks, commit, recovered }: Transaction,
): Promise<RotateResult> {
  const { run, keys, newKey, todo } = looked;
  const { io, invocation, destination } = run;
  if (newKey === undefined || isIdle(looked)) {
    dropPendingOfSource(io, keys);
    return { ...resultOf(looked), outcome: "nothing", recovered };
  }
  await confirmed(
    io,
    invocation,
    rotationPlan({ ...plannedResult(looked), recovered }),
    question(todo),
  );
  refuseInterrupted(io);
  dropPendingOfSource(io, keys);
  const storing = { io, destination, keys: keys.keys, locks };
  const { stored, backups } = await tellingWhereStored(storing, newKey.key, async () => {
    const stored = await storeNewKey(storing, newKey);
    if (stored !== undefined) dropPromotedPending(io, keys.keys, keysIn(stored));
    const flip = keyFileChange(storing, newKey);
    const report = createReport(io, invocation.json);
    const changes = [...changesOf(looked, newKey.key), ...(flip === undefined ? [] : [flip])];
    const committed = await commit(changes, {
      signal: io.signal,
      now: io.now(),
      requested: targetsOf(looked).map(({ target }) => target),
      keyId: newKey.key.id,
      onProgress: ({ step, done, total }) => report(step, done, total),
    });
    return { stored, ...committed };
  });
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
  return isOutside(destination) && keyFileBeside(destination) === undefined;
}

function question(todo: readonly SurveyedFile[]): string {
  if (todo.length === 0) return "Switch to that key?";
  return todo.length === 1 ? "Rotate this file?" : `Rotate these ${todo.length} files?`;
}

function findSameRun(run: Run, keys: Keys, { recovered }: Transaction): Recovery | undefined {
  return recovered.find((recovery) => isSameRun(run, keys, recovery));
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
    const newKey: NewKey = { key: waiting, origin: "waiting" };
    // That run may have been told of a sink, and this one of a file.
    if (destination.kind === "out") await storeNewKey(storing, newKey);
    await promoteNewKey(storing, newKey);
  }
  const [previous] = keys.keys.retired;
  return {
    ...emptyResult(run, keys),
    outcome: "recovered",
    // What is active by now was not before; the key before it is the first behind it.
    oldKeyId: keys.active.id === keyId ? previous?.id : keys.active.id,
    newKeyId: keyId,
    newKeyOrigin: isWaiting ? undefined : "active",
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
