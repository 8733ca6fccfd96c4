/** What a rotation did, or is going to do. */
import type { Recovery } from "@proxmox-mcp/crypto/files";
import type { KeyFlags } from "@proxmox-mcp/crypto/internal";
import { besideFile } from "../backups/beside-file.ts";
import type { Keys } from "../keys.ts";
import { keyFlagsOf } from "../render/printed-command.ts";
import type { Skipped } from "../skipped.ts";
import type { Destination } from "./destination.ts";
import { holderOf, type KeyHolder } from "./key-holder.ts";
import { isIdle, type Looked, type Run } from "./look.ts";
import type { KeyOrigin } from "./new-key.ts";
import { isOutside, keyFileBeside } from "./outside-store.ts";
import type { FailedFile, SurveyedField, SurveyedFile } from "./survey.ts";

/** One file that got new tokens, or is to get them. */
export interface RotatedFile {
  readonly path: string;
  /** Its tokens as they were before. */
  readonly fields: readonly SurveyedField[];
  /** The backup of its old text; `undefined` in a plan, and for a text with a plain secret. */
  readonly backup: string | undefined;
  readonly plainSecrets: number;
  readonly strayLines: readonly number[];
}

/** The result of `rotate-key` and `rotate-key-all`. */
export interface RotateResult {
  readonly command: "rotate-key" | "rotate-key-all";
  /** `recovered` where an interrupted run did the work, and this one only closed it. */
  readonly outcome: "rotated" | "planned" | "nothing" | "recovered";
  /** The directories that were asked for; empty for single files. */
  readonly directories: readonly string[];
  readonly files: readonly RotatedFile[];
  readonly skipped: readonly Skipped[];
  /** Files that are left out, after `--skip-unreadable`. */
  readonly failed: readonly FailedFile[];
  /**
   * The key that was active before. Where the new one was that already, the key that the files are on,
   * the first of several.
   */
  readonly oldKeyId: string | undefined;
  /** `undefined` where no key is made, or not yet. */
  readonly newKeyId: string | undefined;
  /** `undefined` where there is no new key, and where another run chose it. */
  readonly newKeyOrigin: KeyOrigin | undefined;
  /** Where the old key came from, in words. */
  readonly keyFrom: string;
  /** The flags that said so. */
  readonly keyFlags: KeyFlags;
  readonly holder: KeyHolder;
  readonly destination: Destination;
  /** The file whose first key is the new one, if there is one. */
  readonly newKeyFile: string | undefined;
  /** The file that keeps both keys until a run finds the new one in its source; only beside a sink or a keyring. */
  readonly pendingFile: string | undefined;
  /** What an earlier run had left open. */
  readonly recovered: readonly Recovery[];
  /** In a dry run: directories that must be closed first. What there is to rotate shows only then. */
  readonly interrupted: readonly string[];
  /** The key text, only where --stdout asked for it. */
  readonly text: string | undefined;
  readonly warnings: readonly string[];
}

/** What a rotation is going to do, with nothing changed yet. */
export function plannedResult(looked: Looked): RotateResult {
  const { todo } = looked;
  return {
    ...resultOf(looked),
    outcome: isIdle(looked) ? "nothing" : "planned",
    files: todo.map((file) => rotatedFile(file, undefined)),
  };
}

/** The result of a rotation in which nothing is rotated yet. */
export function resultOf(looked: Looked): RotateResult {
  const { run, keys, newKey, survey, todo, warnings } = looked;
  const done = survey.files.filter((file) => !todo.includes(file));
  const empty = emptyResult(run, keys);
  const isBehind = newKey?.origin === "active" && todo.length > 0;
  return {
    ...empty,
    oldKeyId: isBehind ? keyIdsBefore(todo, newKey.key.id)[0] : empty.oldKeyId,
    skipped: [
      ...run.skipped,
      ...survey.skipped,
      ...done.map(({ path }) => ({ path, reason: `it is on key ${newKey?.key.id} already` })),
    ],
    failed: survey.failed,
    // A key that is not stored yet has no name that anybody could look for.
    newKeyId: newKey?.origin === "fresh" ? undefined : newKey?.key.id,
    newKeyOrigin: newKey?.origin,
    warnings,
  };
}

/** The ids of the keys that the tokens of files are on before they get a new one, no id twice. */
export function keyIdsBefore(
  files: readonly Pick<SurveyedFile, "fields">[],
  newKeyId: string | undefined,
): readonly (string | undefined)[] {
  const ids = new Set(files.flatMap(({ fields }) => fields.map(({ keyId }) => keyId)));
  return [...ids].filter((id) => id === undefined || id !== newKeyId);
}

/** The result of a run that looked at no file. */
export function emptyResult({ invocation, destination }: Run, keys: Keys): RotateResult {
  return {
    command: invocation.command,
    outcome: "nothing",
    directories: "directories" in invocation ? invocation.directories : [],
    files: [],
    skipped: [],
    failed: [],
    oldKeyId: keys.active.id,
    newKeyId: undefined,
    newKeyOrigin: undefined,
    keyFrom: keys.from,
    keyFlags: keyFlagsOf(invocation),
    holder: holderOf(keys.source),
    destination,
    newKeyFile: undefined,
    pendingFile: undefined,
    recovered: [],
    interrupted: [],
    text: undefined,
    warnings: keys.warnings,
  };
}

/** The file whose first key is the new one, once a run is done. */
export function newKeyFileOf(
  destination: Destination,
  { source }: Pick<Keys, "source">,
  origin: KeyOrigin,
): string | undefined {
  const ownFile = source.kind === "file" ? source.path : undefined;
  if (origin === "active" && destination.kind !== "given") return ownFile;
  return isOutside(destination) ? keyFileBeside(destination) : destination.path;
}

/** One file of the result. @param backup the real path of its backup, if it has one. */
export function rotatedFile(file: SurveyedFile, backup: string | undefined): RotatedFile {
  const { path, target, fields, plainSecrets, strayLines } = file;
  return { path, fields, backup: besideFile(path, target, backup), plainSecrets, strayLines };
}
