/** The first pass of a rotation: every token of every file is opened, and nothing is written. */
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import {
  type CheckedField,
  createOpener,
  type Deriver,
  type KeyText,
  type OpenedValue,
  type Opener,
  ProxmoxMcpError,
  surveyTokens,
  type TokenForm,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import { inspectOriginal, mentionsToken, scanTokens } from "@proxmox-mcp/crypto/files";
import { isProtectionOn } from "@proxmox-mcp/crypto/internal";
import { readDocument } from "../input.ts";
import { type Io, refuseInterrupted } from "../io.ts";
import type { Skipped } from "../skipped.ts";
import { notBound } from "./not-bound.ts";
import type { Target } from "./targets.ts";

/** One token of a file that every key was tried on. */
export interface SurveyedField {
  readonly location: string;
  readonly state: TokenForm;
  /** The id of the key that opens it. */
  readonly keyId: string | undefined;
}

/** A file whose tokens all open. */
export interface SurveyedFile {
  /** As the user named it, or the directory. */
  readonly path: string;
  /** The real path. */
  readonly target: string;
  /** SHA-256 of its text, in hex. */
  readonly hash: string;
  readonly fields: readonly SurveyedField[];
  /** How many secrets stand in it in plain text: its old text must not be kept. */
  readonly plainSecrets: number;
  /** Lines of tokens that are no value, in a comment for instance: they stay as they are. */
  readonly strayLines: readonly number[];
}

/** A file that cannot be rotated. */
export interface FailedFile {
  readonly path: string;
  /** At least one; several where several tokens do not open. */
  readonly problems: readonly ProxmoxMcpError[];
}

/** What all files look like. */
export interface Survey {
  readonly files: readonly SurveyedFile[];
  readonly skipped: readonly Skipped[];
  readonly failed: readonly FailedFile[];
}

/** What a survey opens tokens with. */
export interface SurveyKeys {
  readonly keys: KeyText;
  readonly deriver: Deriver;
}

/** How many files are read ahead, so that every core has a key to derive. */
const AHEAD = 2 * availableParallelism();

/**
 * Looks through files, one at a time, while the keys of the next ones are being derived.
 *
 * @throws ProxmoxMcpError INTERRUPTED; USAGE for a PROXMOX_MCP_REQUIRE_BOUND that is neither yes nor
 * no. What is wrong with a file is in the result.
 */
export async function survey(
  io: Io,
  targets: readonly Target[],
  keys: SurveyKeys,
  onProgress: (done: number) => void,
): Promise<Survey> {
  const opener = createOpener(keys);
  const fieldsOf = createFields();
  const requireBound = isProtectionOn(io.env, "PROXMOX_MCP_REQUIRE_BOUND");
  const files: SurveyedFile[] = [];
  const skipped: Skipped[] = [];
  const failed: FailedFile[] = [];
  let ahead = 0;
  for (const [index, target] of targets.entries()) {
    // Signals come in between turns of the event loop.
    await setImmediate();
    refuseInterrupted(io);
    for (; ahead < Math.min(index + AHEAD, targets.length); ahead += 1) {
      prepare(targets[ahead]?.path ?? "", opener);
    }
    const found = await surveyFile(io, target, { ...keys, requireBound, fieldsOf });
    if ("reason" in found) skipped.push(found);
    else if ("problems" in found) failed.push(found);
    else files.push(found);
    onProgress(index + 1);
  }
  return { files, skipped, failed };
}

function prepare(path: string, opener: Opener): void {
  try {
    for (const { token } of scanTokens(path)) {
      opener.prepare(token);
      break;
    }
  } catch {
    // What is wrong with the file is told when its turn comes.
  }
}

/** What every file is surveyed with. */
interface FileSurvey extends SurveyKeys {
  readonly requireBound: boolean;
  readonly fieldsOf: (tokens: readonly CheckedField[]) => readonly SurveyedField[];
}

async function surveyFile(
  io: Io,
  { path, target }: Target,
  { keys, deriver, requireBound, fieldsOf }: FileSurvey,
): Promise<SurveyedFile | Skipped | FailedFile> {
  try {
    if (!mentionsToken(path)) return { path, reason: "it holds no token" };
    const { document, file } = await readDocument(io, path);
    if (file === undefined) throw new TypeError("a rotation reads files");
    inspectOriginal(file.target);
    const opener = createOpener({ keys, deriver: deriver.forDocument() });
    const rules = secretRulesFor(document);
    const { tokens, plainSecrets, strays } = await surveyTokens(document, { rules, opener });
    const problems = [
      ...tokens.flatMap(({ problem }) => problem ?? []),
      ...(requireBound ? notBound(document, rules, tokens) : []),
    ];
    if (problems.length > 0) {
      return { path, problems: problems.map((problem) => problem.at({ file: path })) };
    }
    if (tokens.length === 0) return { path, reason: "no value in it is a token" };
    return {
      path,
      // The same text twice would take its room twice.
      target: file.target === target ? target : file.target,
      hash: file.hash,
      fields: fieldsOf(tokens),
      plainSecrets,
      strayLines: strays.length === 0 ? NO_LINES : strays.flatMap(({ line }) => line ?? []),
    };
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError) || error.code === "INTERRUPTED") throw error;
    return { path, problems: [error.at({ file: path })] };
  }
}

// One list for all the files that have none.
const NO_LINES: readonly number[] = [];

/**
 * Makes fields, one for all files that have the same, and one list for neighbours that have the same: many
 * configs are copies of each other.
 */
function createFields(): FileSurvey["fieldsOf"] {
  const known = new Map<string, SurveyedField>();
  const fieldOf = (location: string, { form, keyId }: OpenedValue): SurveyedField => {
    const name = `${form} ${keyId} ${location}`;
    const field = known.get(name);
    if (field !== undefined) return field;
    const made = { location: ownCopy(location), state: form, keyId };
    known.set(ownCopy(name), made);
    return made;
  };
  let last: readonly SurveyedField[] = [];
  return (tokens) => {
    const fields = tokens.flatMap(({ location, opened }) =>
      opened === undefined ? [] : [fieldOf(location, opened)],
    );
    const isSame = fields.length === last.length && fields.every((field, at) => field === last[at]);
    if (!isSame) last = fields;
    return last;
  };
}

// A part of a string keeps the whole of it in memory, here the text of the file.
function ownCopy(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
