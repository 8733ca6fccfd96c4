import type { BackupsPruneResult } from "../commands/backups/prune.ts";
import { atMost, counted, type Line, type Rendered, skippedLines } from "./line.ts";
import { recoveryJson, renderRecoveries } from "./recovery.ts";

/** What `backups prune` says. */
export function renderPrune(result: BackupsPruneResult): Rendered {
  const { outcome, outdated, current, skipped, recovered } = result;
  const headline: readonly Line[] =
    outcome === "pruned"
      ? [
          { text: `Deleted ${counted(outdated.length, "backup")}:`, look: "good" },
          ...list(outdated),
        ]
      : prunePlan(result);
  return {
    stdout: "",
    stderr: [
      ...renderRecoveries(recovered),
      ...headline,
      ...(outcome === "pruned" ? kept(result) : []),
      {
        text: `${counted(current, "backup")} ${current === 1 ? "is" : "are"} within the limits.`,
        look: "dim",
      },
      ...skippedLines(skipped),
    ],
  };
}

/** What is going to be deleted. */
export function prunePlan(result: BackupsPruneResult): readonly Line[] {
  const { outdated } = result;
  const headline: readonly Line[] =
    outdated.length === 0
      ? [{ text: "Nothing to delete." }]
      : [{ text: `${counted(outdated.length, "backup")} will be deleted:` }, ...list(outdated)];
  return [...headline, ...kept(result)];
}

function kept({ kept }: BackupsPruneResult): readonly Line[] {
  if (kept.length === 0) return [];
  return [
    { text: "Kept, although the limits would let them go:", look: "warn" },
    ...kept.map(
      ({ backup, reason }): Line => ({ text: `  ${backup.path}: ${reason}`, look: "warn" }),
    ),
  ];
}

function list(backups: BackupsPruneResult["outdated"]): readonly Line[] {
  return atMost(backups, ({ path }) => [{ text: `  ${path}` }]);
}

/** The JSON of `backups prune`. */
export function pruneJson(result: BackupsPruneResult): object {
  const { outcome, outdated, kept, current, skipped, recovered } = result;
  return {
    action: "prune",
    outcome,
    deleted: outdated.map(({ path, file, stamp }) => ({ backup: path, file, stamp })),
    kept: kept.map(({ backup, reason }) => ({ backup: backup.path, file: backup.file, reason })),
    current,
    skipped: skipped.map(({ path, reason }) => ({ backup: path, reason })),
    recovered: recovered.map(recoveryJson),
  };
}
