import { errorJson } from "@proxmox-mcp/crypto/internal";
import type { InspectedBackup } from "../backups/inspect.ts";
import type { BackupsListResult } from "../commands/backups/list.ts";
import type { BackupsResult } from "../commands/backups.ts";
import { counted, type Line, type Rendered, renderLines, skippedLines } from "./line.ts";
import { pruneJson, renderPrune } from "./prune-backups.ts";
import { renderRestore, restoreJson } from "./restore-backups.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** What `backups` says. */
export function renderBackups(result: BackupsResult, style: Style): Rendered {
  switch (result.action) {
    case "list":
      return renderList(result, style);
    case "verify":
      return renderVerify(result);
    case "prune":
      return renderPrune(result);
    case "restore":
      return renderRestore(result);
  }
}

/** The JSON of `backups`. */
export function backupsJson(result: BackupsResult): object {
  switch (result.action) {
    case "list":
    case "verify":
      return listJson(result);
    case "prune":
      return pruneJson(result);
    case "restore":
      return restoreJson(result);
  }
}

function renderList(result: BackupsListResult, style: Style): Rendered {
  const { key, backups } = result;
  const heading = ["FILE", "STAMP", "TIME", "SIZE", "TOKENS", "KEY"].map(
    (text): Cell => ({ text, look: "dim" }),
  );
  const keyLine =
    key === undefined
      ? "No master key was found, so no token was opened."
      : `Key: ${key.id ?? "of unusual length"} from ${key.from}`;
  const table =
    backups.length === 0
      ? renderLines([{ text: "No backups were found." }], style)
      : renderTable([heading, ...backups.map(rowOf)], style);
  return {
    stdout: table + renderLines([{ text: keyLine, look: "dim" }], style),
    stderr: [...backups.flatMap(problemLines), ...skippedLines(result.skipped)],
  };
}

function rowOf({ file, stamp, time, content, tokens, opens, keyIds }: InspectedBackup): Cell[] {
  const ids = keyIds.map((id) => id ?? "unusual length").join(", ");
  return [
    { text: file },
    { text: stamp },
    { text: timeOf(time) },
    { text: content === undefined ? "-" : `${content.size} B` },
    { text: opens === "unreadable" ? "-" : String(tokens) },
    keyCell(opens, ids),
  ];
}

function keyCell(opens: InspectedBackup["opens"], ids: string): Cell {
  switch (opens) {
    case "active":
      return { text: `active (${ids})`, look: "good" };
    case "successor":
      return { text: `successor (${ids})`, look: "good" };
    case "retired":
      return { text: `retired (${ids})`, look: "warn" };
    case "none":
      return { text: "none", look: "bad" };
    case "no-tokens":
      return { text: "-" };
    case "unknown":
      return { text: "?" };
    case "unreadable":
      return { text: "unreadable", look: "bad" };
  }
}

function renderVerify(result: BackupsListResult): Rendered {
  const { backups } = result;
  const failed = backups.filter(({ problems }) => problems.length > 0);
  return {
    stdout: "",
    stderr: [
      ...failed.flatMap(problemLines),
      ...skippedLines(result.skipped),
      verdict(backups.length, failed.length),
    ],
  };
}

function verdict(all: number, failed: number): Line {
  if (all === 0) return { text: "No backups were found." };
  return failed === 0
    ? { text: `${counted(all, "backup")} verified: every token opens.`, look: "good" }
    : { text: `${failed} of ${counted(all, "backup")} cannot be used.`, look: "bad" };
}

function problemLines({ path, problems }: InspectedBackup): readonly Line[] {
  const [first] = problems;
  if (first === undefined) return [];
  const fields = problems.flatMap(({ where }) => where.location ?? []).join(", ");
  return [{ text: `${path}${fields === "" ? "" : ` ${fields}`}: ${first.message}`, look: "bad" }];
}

function listJson({ action, key, backups, skipped }: BackupsListResult): object {
  return {
    action,
    key:
      key === undefined
        ? null
        : { from: key.from, id: key.id ?? null, ids: key.ids.map((id) => id ?? null) },
    backups: backups.map((backup) => ({
      backup: backup.path,
      file: backup.file,
      stamp: backup.stamp,
      time: timeOf(backup.time),
      size: backup.content?.size ?? null,
      tokens: backup.opens === "unreadable" ? null : backup.tokens,
      opens: backup.opens,
      keyIds: backup.keyIds.map((id) => id ?? null),
      problems: backup.problems.map(errorJson),
    })),
    skipped: skipped.map(({ path, reason }) => ({ backup: path, reason })),
  };
}

/** ISO 8601, UTC; a stamp knows no less than seconds. */
function timeOf(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
