/**
 * Recovery: what an earlier run left behind when it was killed is finished or undone by the next run
 * that writes there. It needs no key: hashes say which text is which.
 */
import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { refuseForeignTexts } from "./foreign-text.ts";
import type { Locks } from "./lock.ts";
import {
  close,
  filesOf,
  hashAt,
  isPutAway,
  isThere,
  type Member,
  type MemberFile,
  moveIn,
  syncDirectories,
  undo,
} from "./member.ts";
import { parseTemporaryName } from "./names.ts";
import { isDirectory } from "./read.ts";
import {
  type HomePlan,
  readRecord,
  recordPath,
  type TransactionRecord,
  writeRecord,
} from "./record.ts";
import { reasonOf, writeError } from "./system-error.ts";
import { whatStands } from "./what-stands.ts";

/** What to do with a transaction behind its commit point: go on with it, or back. */
export type RecoveryWish = "finish" | "abort";

/** A transaction that was found open, and what became of it. */
export interface Recovery {
  readonly operation: string;
  readonly outcome: "finished" | "undone";
  /** The id of the key that finished files open with, where the operation changes it. */
  readonly keyId: string | undefined;
  /** The real paths of what that run was asked for. */
  readonly targets: readonly string[];
  /** The real paths of the files that it was to change. */
  readonly files: readonly string[];
  /** Those of them that somebody else changed meanwhile: they were not touched. */
  readonly left: readonly string[];
}

/**
 * Closes every transaction that stands open in the locked directories, locking what else belongs to
 * it, and deletes temporary files that belong to none.
 *
 * @throws ProxmoxMcpError NOT_CLOSED where that cannot be done, LOCKED where another run holds a
 * directory of the transaction. A transaction that cannot be closed is not touched.
 */
export async function recover(locks: Locks, wish: RecoveryWish): Promise<readonly Recovery[]> {
  const recoveries: Recovery[] = [];
  // Each round deletes a home's record or throws, so that this ends.
  for (;;) {
    const open = openIn(locks.directories);
    if (open === undefined) break;
    recoveries.push(await recoverFrom(open, locks, wish));
  }
  for (const directory of locks.directories) {
    if (locks.tidy.has(directory)) continue;
    deleteLeftovers(directory);
    locks.tidy.add(directory);
  }
  return recoveries;
}

function openIn(directories: readonly string[]): Member | undefined {
  for (const directory of directories) {
    const record = readRecord(directory);
    if (record !== undefined) return { directory, record };
  }
  return undefined;
}

/** A home's record. */
type HomeRecord = TransactionRecord & { readonly plan: HomePlan };

/** A transaction as it was found. */
interface Found {
  readonly home: HomeRecord;
  /** The directories that have its record, the home first. */
  readonly members: readonly Member[];
  /** The directories that have it no more. */
  readonly gone: readonly string[];
  readonly files: readonly MemberFile[];
}

async function recoverFrom(open: Member, locks: Locks, wish: RecoveryWish): Promise<Recovery> {
  const home = await homeOf(open, locks);
  const { directories } = home.plan;
  await locks.add(directories.filter(isDirectory));
  const members = directories.flatMap((directory) => memberOf(directory, home));
  const present = new Set(members.map(({ directory }) => directory));
  const gone = directories.filter((directory) => !present.has(directory));
  return closed({ home, members, gone, files: [...filesOf(members)] }, wish);
}

async function homeOf({ directory, record }: Member, locks: Locks): Promise<HomeRecord> {
  const { home, id, operation } = record;
  if (isDirectory(home)) await locks.add([home]);
  const found = recordIn(home);
  if (found?.id === id && found.home === home && found.plan !== null) {
    return { ...found, plan: found.plan };
  }
  throw new ProxmoxMcpError(
    "NOT_CLOSED",
    `an earlier ${operation} in ${directory} was not closed, and the other half of its record is ` +
      `not in ${home}; nothing was changed`,
    {
      where: { file: recordPath(directory) },
      hint: `bring ${home} back (is it mounted?), or see docs/rotation.md, recovery by hand`,
    },
  );
}

// A record of another run came after this one's, which goes before the home's does.
function memberOf(directory: string, { id, home }: HomeRecord): readonly Member[] {
  const record = recordIn(directory);
  // Whoever may write in one directory must not decide about the files of another one.
  const belongs = record?.id === id && record.home === home;
  return belongs ? [{ directory, record }] : [];
}

function recordIn(directory: string): TransactionRecord | undefined {
  return isDirectory(directory) ? readRecord(directory) : undefined;
}

function closed(found: Found, wish: RecoveryWish): Recovery {
  const { home, members, files } = found;
  const { state } = home.plan;
  const goesBack = state !== "commit" || wish === "abort";
  // Its own record would stay behind there, and nothing that tells what became of the run.
  if (wish === "finish") refuseAway(found);
  let left: readonly MemberFile[];
  try {
    left = state === "prepared" ? [] : settleFiles(found, goesBack);
    syncDirectories(members);
    close(members, !goesBack);
  } catch (error) {
    throw unclosedError(found, error);
  }
  return {
    operation: home.operation,
    outcome: goesBack ? "undone" : "finished",
    keyId: home.keyId ?? undefined,
    targets: home.plan.targets,
    files: files.map(({ target }) => target),
    left: left.map(({ target }) => target),
  };
}

/**
 * Gives every file of a transaction behind its commit point the text that it shall keep.
 *
 * @returns those that somebody else changed.
 */
function settleFiles(found: Found, goesBack: boolean): readonly MemberFile[] {
  const { home, files, gone } = found;
  if (goesBack && home.plan.state === "commit") refuseStuck(found);
  if (gone.length > 0) {
    refuseLost(found);
    return [];
  }
  refuseForeignTexts(files, goesBack);
  // What was read may be in memory only, where the writer was killed before it could flush it. Once
  // files follow from it, a power cut must not bring the earlier state back.
  writeRecord(home.home, {
    ...home,
    plan: { ...home.plan, state: goesBack ? "abort" : "commit" },
  });
  return files.filter((file) => !(goesBack ? undo(file) : finish(file)));
}

/** @throws ProxmoxMcpError NOT_CLOSED for a directory that is not there, with its record or without. */
function refuseAway({ home, gone }: Found): void {
  const away = gone.find((directory) => !isDirectory(directory));
  if (away !== undefined) {
    const byHand = "see docs/rotation.md, recovery by hand";
    const otherwise = home.plan.state === "prepared" ? "give the run up with --abort" : byHand;
    throw lostError(home, `${away} is not there`, away, otherwise);
  }
}

// Records go after everything else is put away. Where one is gone before, its whole directory is.
function refuseLost({ home, files, gone }: Found): void {
  if (files.every(isPutAway)) return;
  const [directory = ""] = gone;
  const trouble = `its record in ${directory} is gone`;
  throw lostError(home, trouble, directory, "see docs/rotation.md, recovery by hand");
}

function lostError(
  { operation, home }: HomeRecord,
  trouble: string,
  directory: string,
  otherwise: string,
): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "NOT_CLOSED",
    `an earlier ${operation} in ${home} was not closed, and ${trouble}; nothing was changed`,
    {
      where: { file: recordPath(directory) },
      hint: `bring ${directory} back (is it mounted?), or ${otherwise}`,
    },
  );
}

/** @throws ProxmoxMcpError NOT_CLOSED, unless every file is still old or has its old text beside it. */
function refuseStuck({ home, files, gone }: Found): void {
  const stuck = files.find((file) => !canGoBack(file));
  if (gone.length === 0 && stuck === undefined) return;
  const why = stuck === undefined ? "it is closed in part" : `${stuck.target} has no old text`;
  throw new ProxmoxMcpError(
    "NOT_CLOSED",
    `the ${home.operation} in ${home.home} cannot be undone: ${why}; nothing was changed`,
    {
      where: { file: recordPath(home.home) },
      hint: "finish it with --resume, then bring back its backups with `proxmox-mcp-encrypt backups restore`",
    },
  );
}

function canGoBack({ target, oldPath, before, after }: MemberFile): boolean {
  const found = hashAt(target);
  if (before === undefined) return found === after || !isThere(target);
  return found === before || hashAt(oldPath) === before;
}

/**
 * Gives a file its new text, if that did not happen yet.
 *
 * @returns whether it has it. A file that somebody else changed is left alone.
 */
function finish(file: MemberFile): boolean {
  const { target, newPath, before, after } = file;
  const found = hashAt(target);
  if (found === after) return true;
  const isOld = before === undefined ? !isThere(target) : found === before;
  if (!isOld || hashAt(newPath) !== after) return false;
  moveIn(file);
  return true;
}

function unclosedError({ home, files }: Found, error: unknown): unknown {
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  return new ProxmoxMcpError(
    "NOT_CLOSED",
    `an earlier ${home.operation} in ${home.home} is not closed yet: ${reason}; ${whatStands(files)}`,
    {
      where: { file: recordPath(home.home) },
      cause: error,
      hint: "mend what is wrong there, then run the command again: it goes on from here",
    },
  );
}

// Without a record no file was ever replaced by them: a `.new` is a text that never took its place,
// and an `.old` is a second name of a text whose own name is still there, or it stays.
function deleteLeftovers(directory: string): void {
  for (const name of listNames(directory)) {
    const temporary = parseTemporaryName(name);
    if (temporary === undefined) continue;
    const path = join(directory, name);
    if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    if (temporary.kind === "old" && !isThere(join(directory, temporary.file))) continue;
    deleteLeftover(path);
  }
}

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw writeError(directory, error);
  }
}

function deleteLeftover(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // In a directory with the sticky bit it may be another user's. It is in nobody's way: names of
    // temporary files are never used twice.
  }
}
