import { errorJson } from "@proxmox-mcp/crypto/internal";
import type { BackupsRestoreResult, RestoredFile } from "../commands/backups/restore.ts";
import { atMost, counted, type Line, MANY, type Rendered, skippedLines } from "./line.ts";
import { byName, checkSteps, toolCommand } from "./printed-command.ts";
import { recoveryJson, renderRecoveries } from "./recovery.ts";

/** What `backups restore` says. */
export function renderRestore(result: BackupsRestoreResult): Rendered {
  const { recovered, skipped } = result;
  const lines = [
    ...renderRecoveries(recovered),
    ...outcome(result),
    ...skippedLines(skipped),
    ...nextSteps(result),
  ];
  return { stdout: "", stderr: lines };
}

/** What a restore is going to do. */
export function restorePlan({ files }: BackupsRestoreResult): readonly Line[] {
  const todo = files.filter(({ change }) => change !== "same");
  return [
    { text: `${counted(todo.length, "file")} will be restored:` },
    ...fileLines(todo, fateOf),
    ...same(files),
  ];
}

function outcome(result: BackupsRestoreResult): readonly Line[] {
  const { files } = result;
  const done = files.filter(({ change }) => change !== "same");
  switch (result.outcome) {
    case "planned":
      return restorePlan(result);
    case "nothing":
      return [{ text: "Nothing to restore: nothing was changed." }, ...same(files)];
    case "recovered":
      return [{ text: "The interrupted restore is complete: nothing else was done." }];
    case "restored":
      return [
        { text: `Restored ${counted(done.length, "file")}:`, look: "good" },
        ...fileLines(done, ({ keptAs }) =>
          keptAs === undefined ? "" : `  its text of before: ${keptAs}`,
        ),
        ...same(files),
      ];
  }
}

function fileLines(
  files: readonly RestoredFile[],
  note: (file: RestoredFile) => string,
): readonly Line[] {
  return atMost(files, (file) => [
    { text: `  ${file.backup.file}  from ${file.backup.stamp}${note(file)}` },
  ]);
}

function fateOf({ change, present }: RestoredFile): string {
  if (change === "created") return "  it is gone, and will be made";
  if (present?.isEmpty === true) return "  it is empty";
  return (present?.plainSecrets ?? 0) > 0
    ? "  its present text is lost: it holds plain secrets"
    : "  its present text becomes a backup";
}

function same(files: readonly RestoredFile[]): readonly Line[] {
  return files
    .filter(({ change }) => change === "same")
    .map(({ backup }) => ({
      text: `  ${backup.file} has the text of ${backup.stamp} already`,
      look: "dim",
    }));
}

function nextSteps(result: BackupsRestoreResult): readonly Line[] {
  const { files, keyFile, keyFlags } = result;
  if (result.outcome !== "restored") return [];
  const done = files.filter(({ change }) => change !== "same").map(fileOf);
  const behind = files.filter(({ backup }) => backup.opens === "retired").map(fileOf);
  // The server does not look into the home.
  const place = keyFile === undefined ? keyFlags : { keyFile };
  return [
    { text: "" },
    { text: "Next:" },
    ...checkSteps(done.map(byName), place).map((text) => ({ text: `  ${text}` })),
    { text: "  Restart what reads these files." },
    ...(behind.length === 0 || behind.length > MANY
      ? []
      : [
          {
            text: `  To get to the active key again: ${toolCommand("rotate-key", behind, keyFlags)}`,
          },
        ]),
  ];
}

function fileOf({ backup }: RestoredFile): string {
  return backup.file;
}

/** The JSON of `backups restore`. */
export function restoreJson(result: BackupsRestoreResult): object {
  const { outcome, files, skipped, keyId, recovered } = result;
  return {
    action: "restore",
    outcome,
    files: files.map(({ backup, present, change, keptAs }) => ({
      file: backup.file,
      backup: backup.path,
      stamp: backup.stamp,
      change,
      tokens: backup.tokens,
      opens: backup.opens,
      keyIds: backup.keyIds.map((id) => id ?? null),
      present: present === undefined ? null : presentJson(present),
      keptAs: keptAs ?? null,
    })),
    skipped: skipped.map(({ path, reason }) => ({ backup: path, reason })),
    keyId: keyId ?? null,
    recovered: recovered.map(recoveryJson),
  };
}

function presentJson({ plainSecrets, problem }: NonNullable<RestoredFile["present"]>): object {
  return { plainSecrets, problem: problem === undefined ? null : errorJson(problem) };
}
