/** `backups list` and `backups verify`: which backups exist, and whether they can be opened. */
import { everyKey } from "@proxmox-mcp/crypto/internal";
import { findBackupsOf } from "../../backups/find.ts";
import { type InspectedBackup, inspectBackups } from "../../backups/inspect.ts";
import { retiredWarnings } from "../../backups/warnings.ts";
import type { ListBackupsInvocation } from "../../invocation.ts";
import type { Io } from "../../io.ts";
import { findKeys, findKeysIfAny } from "../../keys.ts";
import { createReport } from "../../progress.ts";
import type { Skipped } from "../../skipped.ts";

/** What was found. */
export interface BackupsListResult {
  readonly command: "backups";
  readonly action: "list" | "verify";
  /** `undefined` where there is none, so that nothing was opened. */
  readonly key:
    | {
        readonly from: string;
        readonly id: string | undefined;
        readonly ids: readonly (string | undefined)[];
      }
    | undefined;
  readonly backups: readonly InspectedBackup[];
  readonly skipped: readonly Skipped[];
  readonly warnings: readonly string[];
}

/**
 * Looks into backups. `verify` needs a key; `list` does without one.
 *
 * @throws ProxmoxMcpError as `findBackupsOf` and `findKeys`; what is wrong with a backup is in the
 * result.
 */
export async function lookAtBackups(
  io: Io,
  invocation: ListBackupsInvocation,
): Promise<BackupsListResult> {
  const { action, paths, json } = invocation;
  const keys = await (action === "verify" ? findKeys : findKeysIfAny)(io, invocation);
  const { backups, skipped } = findBackupsOf(paths);
  const report = createReport(io, json);
  const inspected = await inspectBackups(io, backups, keys, (done) =>
    report("check", done, backups.length),
  );
  return {
    command: "backups",
    action,
    key: keys && {
      from: keys.from,
      id: keys.active.id,
      ids: everyKey(keys.keys).map(({ id }) => id),
    },
    backups: inspected,
    skipped,
    warnings: [...(keys?.warnings ?? []), ...(keys ? retiredWarnings(inspected, keys.keys) : [])],
  };
}
