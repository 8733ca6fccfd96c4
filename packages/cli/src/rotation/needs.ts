/** Which keys files need: every token of every one is tried, whatever the file is. */
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import {
  createOpener,
  type Deriver,
  type KeyText,
  type MasterKey,
  type Opener,
  ProxmoxMcpError,
} from "@proxmox-mcp/crypto";
import {
  isConfigName,
  mentionsToken,
  parseBackupName,
  type ScannedToken,
  scanTokens,
} from "@proxmox-mcp/crypto/files";
import { findTokens, isTokenLike } from "@proxmox-mcp/crypto/internal";
import { inFileBatches } from "../file-batches.ts";
import { readDocument } from "../input.ts";
import type { Io } from "../io.ts";
import type { FailedFile, SurveyKeys } from "./survey.ts";

/** What a file needs keys for. */
export interface FileNeeds {
  readonly path: string;
  /** Whether a token of it was sealed with the active key. */
  readonly usesActive: boolean;
  /** The keys beside the active one that tokens of it were sealed with. */
  readonly oldKeys: readonly MasterKey[];
  /** The lines of these tokens, from 1. */
  readonly lines: readonly number[];
  /** The lines of tokens that no key at hand opens. */
  readonly unopenedLines: readonly number[];
}

/** What all files need. */
export interface Needs {
  /** Those that need more than the active key, or a key that nobody has. */
  readonly files: readonly FileNeeds[];
  /** Those that could not be looked through. */
  readonly failed: readonly FailedFile[];
  /** Whether any file holds a token of the active key. */
  readonly usesActive: boolean;
}

/** So many files have their keys derived at once, on all cores. */
const FILES = 4 * availableParallelism();
/** So many tokens of a file are in memory at once. */
const TOKENS = 64;

/**
 * Looks through files of any kind. The place of a token does not matter: its key opens it, even where
 * it was put by mistake.
 *
 * @throws ProxmoxMcpError INTERRUPTED. What is wrong with a file is in the result.
 */
export async function findNeeds(
  io: Io,
  paths: readonly string[],
  keys: SurveyKeys,
  onProgress: (done: number) => void,
): Promise<Needs> {
  const found = await inFileBatches(
    io,
    paths,
    FILES,
    (path) => needsOrProblem(io, path, keys),
    onProgress,
  );
  const failed = found.flatMap((file) => ("problems" in file ? [file] : []));
  const looked = found.flatMap((file) => ("problems" in file ? [] : [file]));
  return {
    files: looked.filter(({ oldKeys, unopenedLines }) => oldKeys.length + unopenedLines.length > 0),
    failed,
    usesActive: looked.some(({ usesActive }) => usesActive),
  };
}

async function needsOrProblem(
  io: Io,
  path: string,
  keys: SurveyKeys,
): Promise<FileNeeds | FailedFile> {
  try {
    return await needsOf(io, path, keys);
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    return { path, problems: [error.at({ file: path })] };
  }
}

async function needsOf(
  io: Io,
  path: string,
  { keys, deriver }: { readonly keys: KeyText; readonly deriver: Deriver },
): Promise<FileNeeds> {
  const opener = createOpener({ keys, deriver: deriver.forDocument() });
  const oldKeys = new Set<MasterKey>();
  const lines = new Set<number>();
  const unopenedLines = new Set<number>();
  let usesActive = false;
  const judge = async (tokens: readonly ScannedToken[]) => {
    const found = await Promise.all(tokens.map((token) => keyOf(opener, token)));
    for (const [index, { line }] of tokens.entries()) {
      const key = found[index];
      if (key === undefined) unopenedLines.add(line);
      else if (key.equals(keys.active)) usesActive = true;
      else {
        oldKeys.add(key);
        lines.add(line);
      }
    }
  };
  for (const tokens of batchesOf(scanTokens(path))) await judge(tokens);
  // What is in the way already need not be a config that can be parsed.
  if (oldKeys.size === 0) {
    for (const tokens of batchesOf(await disguisedTokens(io, path))) await judge(tokens);
  }
  return {
    path,
    usesActive,
    oldKeys: [...oldKeys],
    lines: [...lines].sort(ascending),
    unopenedLines: [...unopenedLines].sort(ascending),
  };
}

function* batchesOf(tokens: Iterable<ScannedToken>): Generator<readonly ScannedToken[]> {
  let batch: ScannedToken[] = [];
  for (const token of tokens) {
    batch.push(token);
    if (batch.length < TOKENS) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** The tokens of a config that its spelling does not show: with escapes, or folded over lines. */
async function disguisedTokens(io: Io, path: string): Promise<readonly ScannedToken[]> {
  if (!isConfig(basename(path))) return [];
  try {
    const { document } = await readDocument(io, path);
    return document.values.flatMap(({ kind, text, start, end }) => {
      if (kind !== "string") return [];
      const { line } = document.place(start);
      return disguisedIn(text, document.text.slice(start, end)).map((token) => ({ token, line }));
    });
  } catch (error) {
    // What is no config for any reader, and does not look as if it held a token, holds none.
    if (error instanceof ProxmoxMcpError && !mentionsToken(path)) return [];
    throw error;
  }
}

function isConfig(name: string): boolean {
  return isConfigName(name) || parseBackupName(name) !== undefined;
}

// What claims to be a token and is none counts as one that no key opens: people may be able to mend it.
function disguisedIn(text: string, spelling: string): readonly string[] {
  const tokens = [...findTokens(text)].map(({ token }) => token);
  if (tokens.length === 0) return isTokenLike(text) ? [text] : [];
  return tokens.filter((token) => !spelling.includes(token));
}

async function keyOf(
  opener: Opener,
  { token, line }: ScannedToken,
): Promise<MasterKey | undefined> {
  try {
    return await opener.keyOf(token);
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    if (error.code === "TOKEN_MALFORMED") return undefined;
    throw error.at({ line });
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}
