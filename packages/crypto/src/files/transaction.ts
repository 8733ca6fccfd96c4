/**
 * Transactions: new texts for one file or for ten thousand, all of them or none, whatever kills the
 * run. Every command that writes a file goes through here. docs/rotation.md tells the protocol.
 */
import { dirname } from "node:path";
import type { CommitDetails } from "./commit-details.ts";
import { type Committed, commitMany } from "./commit-many.ts";
import { commitOne } from "./commit-one.ts";
import type { FileChange } from "./file-change.ts";
import { type Locks, lockDirectories } from "./lock.ts";
import { hasRecord } from "./record.ts";
import { type Recovery, type RecoveryWish, recover } from "./recover.ts";

/** Where a run is going to write. */
export interface Scope {
  /** The directories of all files that may be written. */
  readonly directories: readonly string[];
  /** Named to others who find them locked, and in records: small letters and dashes. */
  readonly operation: string;
  /** Locks that the caller holds; missing ones are added to them, and stay until they are released. */
  readonly locks?: Locks | undefined;
  /** What to do with a transaction that was not closed. Default: finish it. */
  readonly wish?: RecoveryWish;
}

/** What a run may do while it holds the locks. */
export interface Transaction {
  /** What earlier runs had left open in these directories, and what became of it; `commit` adds to it. */
  readonly recovered: readonly Recovery[];
  readonly locks: Locks;
  /**
   * Gives files their new texts: all of them, or none.
   *
   * @throws ProxmoxMcpError with nothing changed: FILE_CHANGED, FILE_NOT_FOUND, FILE_NOT_REGULAR,
   * OUTPUT_EXISTS, WRITE_FAILED, LOCKED, INTERRUPTED, and what `make` and `verify` throw. NOT_CLOSED where
   * neither "all" nor "none" could be reached, or perhaps not durably: the next run goes on from there.
   */
  commit(changes: readonly FileChange[], details?: CommitDetails): Promise<Committed>;
}

/**
 * Locks directories, closes what earlier runs left open in them, and lets `work` write there.
 *
 * @throws ProxmoxMcpError LOCKED, WRITE_FAILED, NOT_CLOSED; and whatever `work` throws.
 */
export async function withTransaction<T>(
  scope: Scope,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const { directories, operation } = scope;
  const locks = scope.locks ?? (await lockDirectories(directories, operation));
  try {
    await locks.add(directories);
    const wish = scope.wish ?? "finish";
    const recovered = [...(await recover(locks, wish))];
    return await work({
      recovered,
      locks,
      async commit(changes, details = {}) {
        await locks.add(changes.map(({ target }) => dirname(target)));
        // A directory that the scope did not name may hold what a dead run left; and this run itself
        // may have left a commit open before.
        recovered.push(...(await recover(locks, wish)));
        const [only] = changes;
        // The one rename is a commit point by itself: there is nothing to write down before it.
        if (only !== undefined && changes.length === 1 && !hasBackup(only)) {
          await commitOne(only, details);
          return { backups: new Map() };
        }
        return commitMany(changes, operation, details);
      },
    });
  } finally {
    if (scope.locks === undefined) locks.release();
  }
}

function hasBackup({ before, backup }: FileChange): boolean {
  return backup && before !== undefined;
}

/**
 * Closes what earlier runs left open in directories, where anything was. Commands call it before they
 * read what they are going to write, so that they read the text that stays.
 */
export async function recoverFirst(scope: Omit<Scope, "locks">): Promise<readonly Recovery[]> {
  const open = scope.directories.filter(hasRecord);
  if (open.length === 0) return [];
  return withTransaction({ ...scope, directories: open }, async ({ recovered }) => recovered);
}
