import type { Destination } from "../rotation/destination.ts";
import { keyIdsBefore, type RotatedFile, type RotateResult } from "../rotation/result.ts";
import type { FailedFile, SurveyedField } from "../rotation/survey.ts";
import { keyringEntry } from "./keyring-entry.ts";
import { atMost, counted, type Line, MANY, type Rendered } from "./line.ts";
import { nextSteps } from "./next-steps.ts";
import { renderRecoveries } from "./recovery.ts";

/** What `rotate-key` and `rotate-key-all` say. */
export function renderRotateKey(result: RotateResult): Rendered {
  const lines =
    result.outcome === "planned"
      ? rotationPlan(result)
      : [
          ...renderRecoveries(result.recovered),
          ...outcome(result),
          ...looseLines(result.files, "Bound to their field now:"),
          ...strays(result.files),
          ...leftOut(result),
        ];
  return {
    stdout: result.text ?? "",
    stderr: [...lines, ...skipped(result), ...nextSteps(result)],
  };
}

/** What a rotation is going to do. */
export function rotationPlan(result: RotateResult): readonly Line[] {
  const { files, interrupted } = result;
  if (interrupted.length > 0) return interrupted.map(interruptedLine);
  const fields = files.reduce((sum, file) => sum + file.fields.length, 0);
  return [
    ...renderRecoveries(result.recovered),
    { text: planHeadline(result) },
    ...atMost(files, (file) => [
      { text: `  ${file.path}  ${fieldCount(file)}  ${backupPlan(file)}` },
      ...(fields > MANY ? [] : fieldLines(file)),
    ]),
    ...(fields > MANY ? looseLines(files, "To be bound to their field:") : []),
    { text: keyPlan(result) },
    ...strays(files),
    ...leftOut(result),
  ];
}

function interruptedLine(directory: string): Line {
  return {
    text: `A run that was interrupted, or is under way, stands open in ${directory}: it is closed first, and only then it shows what is left to rotate.`,
    look: "warn",
  };
}

function planHeadline({ files, newKeyId }: RotateResult): string {
  const key = newKeyId === undefined ? "a new key" : `key ${newKeyId}`;
  if (files.length === 0) return `No file has to change; ${key} becomes the active one.`;
  return `${counted(files.length, "file")} will be rotated from ${keysBefore(files, newKeyId)} to ${key}:`;
}

function keysBefore(files: readonly RotatedFile[], newKeyId: string | undefined): string {
  const ids = keyIdsBefore(files, newKeyId);
  const [only] = ids;
  if (ids.length > 1) return `keys ${ids.map((id) => id ?? "one of unusual length").join(", ")}`;
  return only === undefined ? "a key of unusual length" : `key ${only}`;
}

function keyPlan({ destination, keyFrom, newKeyOrigin }: RotateResult): string {
  switch (newKeyOrigin) {
    case "active":
      return destination.kind === "given"
        ? `The key is the first one of ${destination.path}, and in use already.`
        : `The key is the active one of ${keyFrom}: the files catch up with it.`;
    case "waiting":
      return `The key was stored before, and becomes the active one ${placeOf(destination)}.`;
    default:
      return `The new key will be stored ${placeOf(destination)}.`;
  }
}

function placeOf(destination: Destination): string {
  switch (destination.kind) {
    case "sink": {
      const file = destination.keyFile === undefined ? "" : ` and in ${destination.keyFile}`;
      return `with ${destination.sink.argv[0]}${file}`;
    }
    case "keyring":
      return `in ${keyringEntry(destination.account)}`;
    default:
      return `in ${destination.path}`;
  }
}

function fieldLines({ fields }: RotatedFile): readonly Line[] {
  return fields.map(({ location, state, keyId }) => ({
    text: `    ${location}  ${state}, key ${keyId ?? "of unusual length"}`,
    look: "dim",
  }));
}

function backupPlan({ plainSecrets }: RotatedFile): string {
  return plainSecrets > 0 ? "no backup: it holds plain secrets" : "keeps a backup";
}

function outcome(result: RotateResult): readonly Line[] {
  const { files, newKeyId } = result;
  switch (result.outcome) {
    case "nothing":
      return [
        { text: `Nothing to rotate: ${idle(result)}. No key was made, nothing was changed.` },
      ];
    case "recovered":
      return [
        {
          text: `The interrupted rotation to key ${newKeyId} is complete: no other key was made.`,
          look: "good",
        },
      ];
    default:
      return [
        {
          text:
            files.length === 0
              ? `Key ${newKeyId} is the active one now; no file had to change.`
              : `Rotated ${counted(files.length, "file")} to key ${newKeyId}:`,
          look: "good",
        },
        ...atMost(files, (file) => [
          {
            text: `  ${file.path}  ${fieldCount(file)}  ${file.backup ?? "no backup: it holds plain secrets"}`,
          },
        ]),
      ];
  }
}

function idle({ skipped, failed, newKeyId }: RotateResult): string {
  if (newKeyId !== undefined) return `every token is on key ${newKeyId} already`;
  if (failed.length > 0) return "no file is left";
  return skipped.length === 0 ? "there is no config" : "no file that is taken holds a token";
}

function fieldCount({ fields }: RotatedFile): string {
  const loose = fields.filter(isLoose).length;
  const verb = loose === 1 ? "becomes" : "become";
  const changed = loose === 0 ? "" : ` (${loose} ${verb} bound)`;
  return `${counted(fields.length, "token")}${changed}`;
}

/** The tokens that a rotation binds to their field, with the form that they had. */
function looseLines(files: readonly RotatedFile[], heading: string): readonly Line[] {
  const lines = atMost(looseFields(files), (text) => [{ text }]);
  return lines.length === 0 ? [] : [{ text: heading }, ...lines];
}

// One at a time: of ten thousand files with many tokens a list would take much room.
function* looseFields(files: readonly RotatedFile[]): Generator<string> {
  for (const { path, fields } of files) {
    for (const { location, state } of fields.filter(isLoose)) {
      yield `  ${path} ${location}  ${state} -> bound`;
    }
  }
}

function isLoose({ state }: SurveyedField): boolean {
  return state !== "bound";
}

function strays(files: readonly RotatedFile[]): readonly Line[] {
  return files
    .filter(({ strayLines }) => strayLines.length > 0)
    .map(({ path, strayLines }) => ({
      text: `${path} line ${strayLines.join(", ")}: a token outside of any value stays on its old key`,
      look: "warn",
    }));
}

function leftOut({ failed, outcome }: RotateResult): readonly Line[] {
  if (failed.length === 0) return [];
  const text = outcome === "planned" ? "Will be left out:" : "Left out, as they were:";
  return [{ text, look: "bad" }, ...failed.flatMap(failedLines)];
}

function failedLines({ path, problems }: FailedFile): readonly Line[] {
  return problems.map(({ where: { line, column, location }, message }) => {
    const position = line === undefined ? [path] : [path, line, column ?? 1];
    const place = [position.join(":"), location].filter((part) => part !== undefined).join(" ");
    return { text: `  ${place}  ${message}`, look: "bad" };
  });
}

function skipped({ skipped }: RotateResult): readonly Line[] {
  if (skipped.length === 0) return [];
  const lines = atMost(skipped, ({ path, reason }) => [{ text: `  ${path}  ${reason}` }]);
  return [{ text: "Skipped:" }, ...lines].map((line) => ({ ...line, look: "dim" }));
}
