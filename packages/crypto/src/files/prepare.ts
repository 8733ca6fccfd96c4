/** The first half of a transaction: every new text complete and verified beside its target. */
import { linkSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ProxmoxMcpError } from "../errors.ts";
import { backupPath, freeStamp } from "./backup-name.ts";
import type { CommitDetails } from "./commit-details.ts";
import { attributesFor, inspect } from "./commit-one.ts";
import { createDurable } from "./durable.ts";
import type { FileChange } from "./file-change.ts";
import { isThere, type Member, takeAway } from "./member.ts";
import { temporaryPath } from "./names.ts";
import { changedError } from "./original.ts";
import { LINKS_REFUSED } from "./publish.ts";
import { MAX_TEXT_BYTES, readRegularFile } from "./read.ts";
import type { RecordedFile } from "./record.ts";
import { discard, stage } from "./stage.ts";
import { backupError, directoryError, systemCode, writeError } from "./system-error.ts";

/** What all files of a run have in common. */
export interface Run {
  readonly id: string;
  readonly stamp: string;
  readonly operation: string;
  readonly details: CommitDetails;
}

interface Prepared {
  readonly change: FileChange;
  readonly after: string;
}

/** The end of the backups' names: two runs in one second, or a clock that went back, share none. */
export function stampFor(changes: readonly FileChange[], now: Date): string {
  const targets = changes.filter(({ backup }) => backup).map(({ target }) => target);
  return freeStamp(targets, now, isTaken);
}

function isTaken(path: string): boolean {
  try {
    return isThere(path);
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * Finds what no new text can mend, before the first one is made.
 *
 * @throws ProxmoxMcpError as `attributesFor` but FILE_CHANGED; WRITE_FAILED for a directory that cannot
 * be looked at, or goes by two paths, since it has room for one record alone.
 */
export function refuseUnfit(changes: readonly FileChange[]): void {
  const paths = new Map<string, string>();
  for (const directory of new Set(changes.map(({ target }) => dirname(target)))) {
    const inode = inodeOf(directory);
    const other = paths.get(inode);
    if (other !== undefined) throw twoPathsError(other, directory);
    paths.set(inode, directory);
  }
  for (const change of changes) inspect(change);
}

function inodeOf(directory: string): string {
  try {
    const { dev, ino } = statSync(directory, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    throw directoryError(directory, error);
  }
}

function twoPathsError(one: string, other: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "WRITE_FAILED",
    `${one} and ${other} are two paths to one directory; nothing was changed`,
    { where: { file: other }, hint: "name all of its files by one of them" },
  );
}

/**
 * Puts every new text and every old one beside its target, verified. Where one fails nothing stays.
 *
 * @returns the directories with the records that they will get, the home first.
 */
export async function prepareAll(
  changes: readonly FileChange[],
  run: Run,
): Promise<readonly Member[]> {
  const { signal, onProgress } = run.details;
  const prepared: Prepared[] = [];
  try {
    for (const change of changes) {
      // Signals come in between turns of the event loop, and nothing else here waits for one.
      await setImmediate();
      prepared.push({ change, after: await prepare(change, run.id, signal) });
      onProgress?.({ step: "write", done: prepared.length, total: changes.length });
    }
    return membersOf(prepared, run);
  } catch (error) {
    takeAway(membersOf(prepared, run));
    throw error;
  }
}

/** Puts the new text and the old one beside a target. @returns the new one's hash. */
async function prepare(
  change: FileChange,
  id: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { target, before } = change;
  const attributes = attributesFor(change);
  const { text, verify } = await change.make();
  const checks = { ...(verify && { verify }), ...(signal && { signal }) };
  const staged = await stage(target, text, attributes, checks, id);
  try {
    if (before !== undefined) keepOld(target, temporaryPath(target, id, "old"));
    return staged.hash;
  } catch (error) {
    discard(staged);
    throw change.backup ? backupError(target, error) : writeError(target, error);
  }
}

// A second name of the inode costs nothing and keeps its access control lists. Whether it is the text
// that was read is seen at the last look.
function keepOld(target: string, oldPath: string): void {
  try {
    linkSync(target, oldPath);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") throw changedError(target);
    if (!LINKS_REFUSED.has(code)) throw error;
    const { bytes, stat } = readRegularFile(target, MAX_TEXT_BYTES);
    createDurable(oldPath, [bytes], { mode: stat.mode, owner: stat, ownerRequired: true });
  }
}

function membersOf(prepared: readonly Prepared[], run: Run): readonly Member[] {
  const { id, stamp, operation, details } = run;
  const files = new Map<string, RecordedFile[]>();
  for (const { change, after } of prepared) {
    const { target, before, backup } = change;
    const directory = dirname(target);
    const inDirectory = files.get(directory) ?? [];
    inDirectory.push({
      name: basename(target),
      before: before ?? null,
      after,
      backup: backup && before !== undefined ? backupPath(basename(target), stamp) : null,
    });
    files.set(directory, inDirectory);
  }
  const directories = [...files.keys()];
  const home = directories[0] ?? "";
  const targets = details.requested ?? prepared.map(({ change }) => change.target);
  const keyId = details.keyId ?? null;
  return [...files].map(([directory, entries]) => {
    const plan = directory === home ? { state: "prepared" as const, directories, targets } : null;
    return { directory, record: { id, operation, home, stamp, keyId, files: entries, plan } };
  });
}
