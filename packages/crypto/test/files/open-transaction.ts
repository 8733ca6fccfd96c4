/** Transactions that a dead run left open, built on the disk without one. */
import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createId, temporaryPath } from "../../src/files/names.ts";
import { hashBytes } from "../../src/files/read.ts";
import {
  formatRecord,
  recordPath,
  type TransactionRecord,
  type TransactionState,
} from "../../src/files/record.ts";

/** How far a dead run came with one file: its new text is beside it, in its place, or put away. */
export type Reached = "staged" | "replaced" | "closed";

/** One file of a dead run. Its texts are `old NAME` and `new NAME`. */
export interface OpenFile {
  /** Its path in the base directory. */
  name: string;
  reached: Reached;
  /** Whether it had no old text. */
  created?: boolean;
  backup?: boolean;
}

/** A dead run. */
export interface OpenTransaction {
  state: TransactionState;
  files: readonly OpenFile[];
  /** Directories that have no record any more, or not yet. */
  without?: readonly string[];
  keyId?: string;
}

export const OPEN_STAMP = "20260131_120000";

/** What a test may spoil: the paths of a dead run's files. */
export interface OpenPaths {
  target: string;
  new: string;
  old: string;
  backup: string;
}

/** Puts a dead run into a base directory. @returns the paths of its files, by their names. */
export function leaveOpen(
  base: string,
  { state, files, without = [], keyId }: OpenTransaction,
): Record<string, OpenPaths> {
  const id = createId();
  const paths: Record<string, OpenPaths> = {};
  for (const file of files) {
    const target = join(base, file.name);
    mkdirSync(dirname(target), { recursive: true });
    const found = {
      target,
      new: temporaryPath(target, id, "new"),
      old: temporaryPath(target, id, "old"),
      backup: `${target}.backup.${OPEN_STAMP}`,
    };
    putThere(found, file, state === "commit");
    paths[file.name] = found;
  }
  const directories = [...new Set(files.map(({ name }) => join(base, dirname(name))))];
  const [home = ""] = directories;
  for (const directory of directories) {
    if (without.includes(basename(directory))) continue;
    const record: TransactionRecord = {
      id,
      operation: "rotate-key",
      home,
      stamp: OPEN_STAMP,
      keyId: keyId ?? null,
      files: files
        .filter(({ name }) => join(base, dirname(name)) === directory)
        .map(({ name, created, backup }) => ({
          name: basename(name),
          before: created ? null : hash(`old ${name}`),
          after: hash(`new ${name}`),
          backup: backup ? `${basename(name)}.backup.${OPEN_STAMP}` : null,
        })),
      plan:
        directory === home
          ? { state, directories, targets: files.map(({ name }) => join(base, name)) }
          : null,
    };
    writeFileSync(recordPath(directory), [...formatRecord(record)].join(""), { mode: 0o600 });
  }
  return paths;
}

function putThere(
  paths: OpenPaths,
  { name, reached, created, backup }: OpenFile,
  commits: boolean,
): void {
  const old = `old ${name}`;
  const text = `new ${name}`;
  if (reached === "staged") {
    writeFileSync(paths.new, text);
    if (!created) {
      writeFileSync(paths.target, old);
      linkSync(paths.target, paths.old);
    }
  } else if (reached === "replaced") {
    writeFileSync(paths.target, text);
    if (created) linkSync(paths.target, paths.new);
    else writeFileSync(paths.old, old);
  } else {
    if (commits || !created) writeFileSync(paths.target, commits ? text : old);
    if (commits && backup && !created) writeFileSync(paths.backup, old);
  }
}

function hash(text: string): string {
  return hashBytes(Buffer.from(text, "utf8"));
}
