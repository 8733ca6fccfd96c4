import type { BackupsPruneResult } from "../commands/backups/prune.ts";
import type { Line, Rendered } from "./line.ts";
import { recoveryJson, renderRecoveries } from "./recovery.ts";

/** So many backups get a line each; JSON has them all. */
const MANY = 40;

/** What `backups prune` says. */
export function renderPrune(result: BackupsPruneResult): Rendered {
  const { outcome, outdated, current, skipped, recovered } = result;
  const headline: readonly Line[] =
    outcome === "pruned"
      ? [{ text: `Deleted ${count(outdated.length)}:`, look: "good" }, ...list(outdated)]
      : prunePlan(result);
  return {
    stdout: "",
    stderr: [
      ...renderRecoveries(recovered),
      ...headline,
      ...(outcome === "pruned" ? kept(result) : []),
      { text: `${count(current)} ${current === 1 ? "is" : "are"} within the limits.`, look: "dim" },
      ...skipped.map(
        ({ path, reason }): Line => ({ text: `Skipped ${path}: ${reason}`, look: "dim" }),
      ),
    ],
  };
}

/** What is going to be deleted. */
export function prunePlan(result: BackupsPruneResult): readonly Line[] {
  const { outdated } = result;
  const headline: readonly Line[] =
    outdated.length === 0
      ? [{ text: "Nothing to delete." }]
      : [{ text: `${count(outdated.length)} will be deleted:` }, ...list(outdated)];
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
  const shown = backups.slice(0, MANY).map(({ path }) => ({ text: `  ${path}` }));
  const more = backups.length - shown.length;
  return more > 0 ? [...shown, { text: `  and ${more} more` }] : shown;
}

function count(number: number): string {
  return `${number} ${number === 1 ? "backup" : "backups"}`;
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
