/** `backups`: the old texts that rotations leave beside their files. */
import type { BackupsInvocation } from "../invocation.ts";
import type { Io } from "../io.ts";
import { type BackupsListResult, lookAtBackups } from "./backups/list.ts";
import { type BackupsPruneResult, pruneBackups } from "./backups/prune.ts";
import { type BackupsRestoreResult, restoreBackups } from "./backups/restore.ts";

/** What one of its actions did. */
export type BackupsResult = BackupsListResult | BackupsPruneResult | BackupsRestoreResult;

/** Runs `backups`. @throws ProxmoxMcpError as the action. */
export function backups(io: Io, invocation: BackupsInvocation): Promise<BackupsResult> {
  switch (invocation.action) {
    case "list":
    case "verify":
      return lookAtBackups(io, invocation);
    case "prune":
      return pruneBackups(io, invocation);
    case "restore":
      return restoreBackups(io, invocation);
  }
}
