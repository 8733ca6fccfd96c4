/** `backups restore`: gives files old texts back, all of them or none. */
import { dirname } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import {
  changedError,
  type FileChange,
  isWritableKeyFile,
  type Recovery,
  readTextFile,
  recoverFirst,
  resolveTarget,
  type Transaction,
  withTransaction,
} from "@proxmox-mcp/crypto/files";
import type { KeyFlags } from "@proxmox-mcp/crypto/internal";
import { besideFile } from "../../backups/beside-file.ts";
import { type Choice, type Choices, chooseBackups } from "../../backups/choose.ts";
import { runDirectoriesOf } from "../../backups/find.ts";
import { type InspectedBackup, inspectBackups } from "../../backups/inspect.ts";
import { lookAtPresent, type Present } from "../../backups/present.ts";
import { refuseUnusable } from "../../backups/unusable.ts";
import { restoreWarnings } from "../../backups/warnings.ts";
import { confirmed } from "../../confirm.ts";
import { refuseKeyFile } from "../../existing-output.ts";
import type { RestoreBackupsInvocation } from "../../invocation.ts";
import { type Io, refuseInterrupted } from "../../io.ts";
import { findKeys, type Keys } from "../../keys.ts";
import { createReport } from "../../progress.ts";
import { keyFlagsOf } from "../../render/printed-command.ts";
import { restorePlan } from "../../render/restore-backups.ts";
import { isWrittenByRuns } from "../../rotation/key-holder.ts";
import { pendingDirectory } from "../../rotation/key-store.ts";
import type { Skipped } from "../../skipped.ts";

const OPERATION = "restore";

/** One file that got an old text back, or is to get it. */
export interface RestoredFile {
  readonly backup: InspectedBackup;
  /** What there was before; `undefined` where the file was gone. */
  readonly present: Present | undefined;
  /** `same` where it had this text already. */
  readonly change: "replaced" | "created" | "same";
  /** Where the text is kept that it had before; `undefined` in a dry run, and where it is not kept. */
  readonly keptAs: string | undefined;
}

/** What a restore did. */
export interface BackupsRestoreResult {
  readonly command: "backups";
  readonly action: "restore";
  /** `recovered` where an interrupted restore did the work, and this run only closed it. */
  readonly outcome: "restored" | "planned" | "nothing" | "recovered";
  readonly files: readonly RestoredFile[];
  readonly skipped: readonly Skipped[];
  /** The id of the active key. */
  readonly keyId: string | undefined;
  /** The file that the keys came from, if one did. */
  readonly keyFile: string | undefined;
  /** The flags that said where they are. */
  readonly keyFlags: KeyFlags;
  /** What earlier runs had left open. */
  readonly recovered: readonly Recovery[];
  readonly warnings: readonly string[];
}

/** Runs `backups restore`. @throws ProxmoxMcpError with nothing changed, or NOT_CLOSED. */
export async function restoreBackups(
  io: Io,
  invocation: RestoreBackupsInvocation,
): Promise<BackupsRestoreResult> {
  const { paths, stamp, dryRun } = invocation;
  const keys = await findKeys(io, invocation);
  const run = { io, invocation };
  if (dryRun) return resultOf(await look(run, chooseBackups(paths, stamp), keys), "planned", []);
  // What an interrupted run left behind may be the very backup that is wanted.
  const recovered = await recoverFirst({
    directories: [...new Set(paths.flatMap(runDirectoriesOf))],
    operation: OPERATION,
  });
  const scope = {
    directories: [...directoriesOf(chooseBackups(paths, stamp)), ...keyDirectory(io, keys)],
    operation: OPERATION,
  };
  return withTransaction(scope, async (transaction) => {
    // Whoever held the locks before may have written the key text, or made further backups.
    const now = isWrittenByRuns(keys.source) ? await findKeys(io, invocation) : keys;
    const all = [...recovered, ...transaction.recovered];
    const found = chooseBackups(paths, stamp);
    const choices = found.choices.filter((choice) => !isDone(choice, all));
    const looked = await look(run, { ...found, choices }, now);
    if (choices.length === 0) return resultOf(looked, "recovered", all);
    return restore(looked, transaction, all);
  });
}

interface Run {
  readonly io: Io;
  readonly invocation: RestoreBackupsInvocation;
}

/** What is there, and what is to take its place. */
interface Looked {
  readonly run: Run;
  readonly keys: Keys;
  readonly files: readonly RestoredFile[];
  readonly skipped: readonly Skipped[];
}

/** Whether an interrupted run did it: the newest backup is the text that it put aside. */
function isDone({ backup, isNewest }: Choice, recovered: readonly Recovery[]): boolean {
  return recovered.some(
    ({ operation, outcome, targets }) =>
      isNewest &&
      operation === OPERATION &&
      outcome === "finished" &&
      targets.includes(backup.target),
  );
}

async function look(
  { io, invocation }: Run,
  { choices, skipped }: Choices,
  keys: Keys,
): Promise<Looked> {
  const found = choices.map(({ backup }) => backup);
  const report = createReport(io, invocation.json);
  const backups = await inspectBackups(io, found, keys, (done) =>
    report("check", done, found.length),
  );
  await refuseUnusable(io, invocation, backups, keys);
  const files: RestoredFile[] = [];
  for (const backup of backups) {
    refuseInterrupted(io);
    const present = await lookAtPresent(io, backup.target, keys);
    const change = changeOf(backup, present);
    if (change === "replaced") refuseKeyLoss(backup.target, keys);
    files.push({ backup, present, change, keptAs: undefined });
  }
  return { run: { io, invocation }, keys, files, skipped };
}

// Only retire-key removes keys.
function refuseKeyLoss(target: string, { files }: Keys): void {
  try {
    refuseKeyFile(target, files);
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    throw new ProxmoxMcpError(error.code, error.message, {
      where: error.where,
      hint: "move it elsewhere, then run the command again",
    });
  }
}

function changeOf(
  { content }: InspectedBackup,
  present: Present | undefined,
): RestoredFile["change"] {
  if (present === undefined) return "created";
  return present.hash === content?.hash ? "same" : "replaced";
}

async function restore(
  looked: Looked,
  { commit }: Transaction,
  recovered: readonly Recovery[],
): Promise<BackupsRestoreResult> {
  const { io, invocation } = looked.run;
  const todo = looked.files.filter(({ change }) => change !== "same");
  if (todo.length === 0) return resultOf(looked, "nothing", recovered);
  const plan = restorePlan(resultOf(looked, "planned", []));
  await confirmed(io, invocation, plan, question(todo));
  refuseInterrupted(io);
  const report = createReport(io, invocation.json);
  const { backups } = await commit(todo.map(changeTo), {
    signal: io.signal,
    now: io.now(),
    requested: looked.files.map(({ backup }) => backup.target),
    onProgress: ({ step, done, total }) => report(step, done, total),
  });
  const files = looked.files.map((file) => ({
    ...file,
    keptAs: besideFile(file.backup.file, file.backup.target, backups.get(file.backup.target)),
  }));
  return resultOf({ ...looked, files }, "restored", recovered);
}

function question(todo: readonly RestoredFile[]): string {
  return todo.length === 1 ? "Restore this file?" : `Restore these ${todo.length} files?`;
}

/** Reads each backup again when its turn comes: ten thousand texts have no room in memory. */
function changeTo({ backup, present }: RestoredFile): FileChange {
  const { path, target, content } = backup;
  if (content === undefined) throw new TypeError("a backup without a text is not restored");
  const make = () => {
    const { text, hash } = readTextFile(path);
    if (hash !== content.hash) throw changedError(path);
    return { text };
  };
  if (present === undefined) {
    const { mode, uid, gid } = content.stat;
    return { target, before: undefined, make, mode, owner: { uid, gid }, backup: false };
  }
  return { target, before: present.hash, make, backup: isKept(present) };
}

/** Whether the present text becomes a backup: never one with a plain secret, nor nothing at all. */
function isKept({ plainSecrets, isEmpty }: Present): boolean {
  return plainSecrets === 0 && !isEmpty;
}

// While it is locked no retire-key can drop the key that a restored text needs.
function keyDirectory(io: Io, { source }: Keys): readonly string[] {
  if (source.kind === "keyring") return [pendingDirectory(io)];
  if (source.kind !== "file" || !isWritableKeyFile(source.path)) return [];
  return [dirname(resolveTarget(source.path))];
}

function directoriesOf({ choices }: Choices): readonly string[] {
  return [...new Set(choices.map(({ backup }) => dirname(backup.target)))];
}

function resultOf(
  { run, keys, files, skipped }: Looked,
  outcome: BackupsRestoreResult["outcome"],
  recovered: readonly Recovery[],
): BackupsRestoreResult {
  const isPlan = outcome === "planned";
  const isIdle = isPlan && files.every(({ change }) => change === "same");
  return {
    command: "backups",
    action: "restore",
    outcome: isIdle ? "nothing" : outcome,
    files,
    skipped,
    keyId: keys.active.id,
    keyFile: keys.source.kind === "file" ? keys.source.path : undefined,
    keyFlags: keyFlagsOf(run.invocation),
    recovered,
    warnings: [...keys.warnings, ...restoreWarnings(files, keys, isPlan)],
  };
}
