/** `backups prune`: deletes old backups, but none that may be needed still. */
import { dirname } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import {
  deleteBackups,
  type Recovery,
  readTextFile,
  withTransaction,
} from "@proxmox-mcp/crypto/files";
import { type FoundBackup, findBackupsOf } from "../../backups/find.ts";
import { outdatedOf, refuseUnlimited } from "../../backups/outdated.ts";
import { findTroubles } from "../../backups/trouble.ts";
import { confirmed } from "../../confirm.ts";
import type { PruneBackupsInvocation } from "../../invocation.ts";
import { type Io, refuseInterrupted } from "../../io.ts";
import { holdsMasterKey } from "../../key-file-text.ts";
import { findKeys, type Keys } from "../../keys.ts";
import { prunePlan } from "../../render/prune-backups.ts";
import { isWrittenByRuns } from "../../rotation/key-holder.ts";
import type { Skipped } from "../../skipped.ts";

/** A backup that would go, and stays for its own reason. */
export interface KeptBackup {
  readonly backup: FoundBackup;
  readonly reason: string;
}

/** What was deleted. */
export interface BackupsPruneResult {
  readonly command: "backups";
  readonly action: "prune";
  readonly outcome: "pruned" | "planned" | "nothing";
  /** Deleted, or to be deleted. */
  readonly outdated: readonly FoundBackup[];
  readonly kept: readonly KeptBackup[];
  /** How many are neither. */
  readonly current: number;
  readonly skipped: readonly Skipped[];
  /** What earlier runs had left open. */
  readonly recovered: readonly Recovery[];
  readonly warnings: readonly string[];
}

/**
 * Deletes the backups that the limits allow to go. A key is needed: the backups of a file stay while
 * the file itself cannot be opened.
 *
 * @throws ProxmoxMcpError USAGE, as `findKeys` and `findBackupsOf`; WRITE_FAILED and NOT_CLOSED as
 * `deleteBackups`.
 */
export async function pruneBackups(
  io: Io,
  invocation: PruneBackupsInvocation,
): Promise<BackupsPruneResult> {
  refuseUnlimited(invocation);
  const keys = await findKeys(io, invocation);
  const run = { io, invocation };
  if (invocation.dryRun) return look(run, keys, []);
  const { backups } = findBackupsOf(invocation.paths);
  const scope = {
    directories: [...new Set(backups.map(({ path }) => dirname(path)))],
    operation: "prune",
  };
  return withTransaction(scope, async ({ recovered, locks }) => {
    // Whoever held the locks before may have written the key text.
    const now = isWrittenByRuns(keys.source) ? await findKeys(io, invocation) : keys;
    const found = await look(run, now, recovered);
    if (found.outdated.length === 0) return found;
    await confirmed(io, invocation, prunePlan(found), question(found));
    refuseInterrupted(io);
    const paths = found.outdated.map(({ path }) => path);
    await locks.add(paths.map((path) => dirname(path)));
    deleteBackups(paths);
    return { ...found, outcome: "pruned" };
  });
}

interface Run {
  readonly io: Io;
  readonly invocation: PruneBackupsInvocation;
}

async function look(
  { io, invocation }: Run,
  keys: Keys,
  recovered: readonly Recovery[],
): Promise<BackupsPruneResult> {
  const { backups, skipped } = findBackupsOf(invocation.paths);
  const outdated: FoundBackup[] = [];
  const kept: KeptBackup[] = [];
  const old = outdatedOf(backups, invocation, io.now());
  const troubles = await findTroubles(
    io,
    old.map(({ target }) => target),
    keys,
  );
  for (const backup of old) {
    const reason = troubles.get(backup.target) ?? keyIn(backup);
    if (reason === undefined) outdated.push(backup);
    else kept.push({ backup, reason });
  }
  return {
    command: "backups",
    action: "prune",
    outcome: outdated.length === 0 ? "nothing" : "planned",
    outdated,
    kept,
    current: backups.length - outdated.length - kept.length,
    skipped,
    recovered,
    warnings: keys.warnings,
  };
}

function question({ outdated }: BackupsPruneResult): string {
  return outdated.length === 1 ? "Delete this backup?" : `Delete these ${outdated.length} backups?`;
}

// Only retire-key removes keys.
function keyIn({ path }: FoundBackup): string | undefined {
  try {
    return holdsMasterKey(readTextFile(path).text) ? "it holds a master key" : undefined;
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    return error.code === "FILE_EMPTY" ? undefined : `it cannot be read (${error.code})`;
  }
}
