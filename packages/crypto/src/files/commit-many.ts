/** A transaction of several files: records first, then the commit point, then the renames. */
import { ProxmoxMcpError } from "../errors.ts";
import { type CommitDetails, tell } from "./commit-details.ts";
import type { FileChange } from "./file-change.ts";
import { type Look, lookAgain, refuseTouched } from "./last-look.ts";
import {
  close,
  filesOf,
  hashAt,
  type Member,
  type MemberFile,
  moveIn,
  syncDirectories,
  takeAway,
  undo,
} from "./member.ts";
import { createId } from "./names.ts";
import { prepareAll, refuseUnfit, stampFor } from "./prepare.ts";
import { hashFile } from "./read.ts";
import { readRecord, recordPath, type TransactionState, writeRecord } from "./record.ts";
import { refuseInterrupted } from "./stage.ts";
import { reasonOf, writeError } from "./system-error.ts";
import { whatStands } from "./what-stands.ts";

/** What a transaction left beside the files. */
export interface Committed {
  /** The backups, by the real paths of the files whose old texts they hold. */
  readonly backups: ReadonlyMap<string, string>;
}

/** Gives files their new texts. Call it under the locks of their directories, after recovery. */
export async function commitMany(
  changes: readonly FileChange[],
  operation: string,
  details: CommitDetails,
): Promise<Committed> {
  const { signal, now = new Date() } = details;
  refuseUnfit(changes);
  const run = { id: createId(), stamp: stampFor(changes, now), operation, details };
  const members = await prepareAll(changes, run);
  const [home] = members;
  if (home === undefined) return { backups: new Map() };
  // From here to the end nothing waits, so that no signal handler can come in between.
  const looks = prepareRecords(members, home, signal);
  reachCommitPoint(members, home);
  replaceAll(members, home, looks, details);
  settleAll(members);
  return { backups: backupsOf(members) };
}

/** Writes all down, and looks at every file once more. */
function prepareRecords(
  members: readonly Member[],
  home: Member,
  signal: AbortSignal | undefined,
): readonly Look[] {
  try {
    syncDirectories(members);
    for (const { directory, record } of members) writeRecord(directory, record);
    const looks = Array.from(filesOf(members), lookAgain);
    refuseInterrupted(home.directory, signal);
    return looks;
  } catch (error) {
    takeAway(members);
    throw writeError(recordPath(home.directory), error);
  }
}

// What stands on the disk decides, whatever the call said.
function reachCommitPoint(members: readonly Member[], home: Member): void {
  try {
    writeState(home, "commit");
  } catch (error) {
    const place = recordPath(home.directory);
    if (stateOf(home.directory) !== "prepared") withdraw(members, home, place, error);
    takeAway(members);
    throw writeError(place, error);
  }
}

function stateOf(directory: string): TransactionState | undefined {
  try {
    return readRecord(directory)?.plan?.state;
  } catch {
    return undefined;
  }
}

function writeState({ directory, record }: Member, state: TransactionState): void {
  writeRecord(directory, { ...record, plan: record.plan && { ...record.plan, state } });
}

function replaceAll(
  members: readonly Member[],
  home: Member,
  looks: readonly Look[],
  details: CommitDetails,
): void {
  let done = 0;
  for (const file of filesOf(members)) {
    try {
      refuseTouched(file.target, looks[done]);
      moveIn(file);
    } catch (error) {
      withdraw(members, home, file.target, error);
    }
    done += 1;
    tell(details, { step: "replace", done, total: looks.length });
  }
}

/** Goes back behind the commit point. @throws always: why, and whether all is as it was. */
function withdraw(members: readonly Member[], home: Member, place: string, cause: unknown): never {
  let left: readonly MemberFile[];
  try {
    writeState(home, "abort");
    left = [...filesOf(members)].filter((file) => !undo(file));
    for (const file of left) refuseNew(file);
    syncDirectories(members);
    close(members, false);
  } catch (error) {
    throw unfinished(members, `cannot write ${place}, nor undo the run`, error);
  }
  const others = left.map(({ target }) => target).filter((target) => target !== place);
  throw naming(others, writeError(place, cause));
}

// Its old text was good at the last look, so that somebody wrote to it under its second name.
function refuseNew({ target, after }: MemberFile): void {
  if (hashAt(target) !== after) return;
  throw new ProxmoxMcpError(
    "NOT_CLOSED",
    `${target} has its new text, while the run was undone: its old text was changed by somebody else`,
    { where: { file: target }, hint: "look at the file, then run the command again" },
  );
}

/** An error that also names the files that somebody else changed meanwhile. */
function naming(others: readonly string[], error: unknown): unknown {
  if (others.length === 0 || !(error instanceof ProxmoxMcpError)) return error;
  const { code, message, where, hint, cause } = error;
  const too = `; changed by somebody else too, and left so: ${others.join(", ")}`;
  return new ProxmoxMcpError(code, message + too, { where, hint, cause });
}

function settleAll(members: readonly Member[]): void {
  try {
    syncDirectories(members);
    for (const { target, after } of filesOf(members)) {
      if (hashFile(target) !== after) throw differing(target);
    }
    close(members, true);
  } catch (error) {
    throw unfinished(members, "the run could not be closed", error);
  }
}

function differing(target: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "NOT_CLOSED",
    `${target} was replaced, but reading it back did not give the bytes that were written`,
    {
      where: { file: target },
      hint: "check the disk and who else writes this file, then run the command again",
    },
  );
}

function unfinished(members: readonly Member[], trouble: string, error: unknown): unknown {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  const [home] = members;
  const stands = whatStands(filesOf(members));
  return new ProxmoxMcpError("NOT_CLOSED", `${trouble}: ${reason}; ${stands}`, {
    where: home === undefined ? {} : { file: recordPath(home.directory) },
    cause: error,
    hint: "mend what is wrong there, then run the command again: it goes on from here",
  });
}

function backupsOf(members: readonly Member[]): ReadonlyMap<string, string> {
  const backups = new Map<string, string>();
  for (const { target, backupPath } of filesOf(members)) {
    if (backupPath !== undefined) backups.set(target, backupPath);
  }
  return backups;
}
