/** What a backup holds, and which of the keys at hand open it. */
import { availableParallelism } from "node:os";
import {
  createOpener,
  type Document,
  type KeyText,
  ProxmoxMcpError,
  surveyTokens,
} from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import { type FileStat, stampTime } from "@proxmox-mcp/crypto/files";
import { isTokenLike } from "@proxmox-mcp/crypto/internal";
import { inFileBatches } from "../file-batches.ts";
import { readDocument } from "../input.ts";
import type { Io } from "../io.ts";
import type { Keys } from "../keys.ts";
import type { FoundBackup } from "./find.ts";

/** What it takes to open a backup: the key that opens the token that is worst off. */
export type Opens =
  | "active"
  | "successor"
  | "retired"
  /** At least one token opens with no key at hand. */
  | "none"
  | "no-tokens"
  /** There was no key to try. */
  | "unknown"
  /** It cannot be read or parsed. */
  | "unreadable";

/** A backup that was looked into. */
export interface InspectedBackup extends FoundBackup {
  readonly time: Date;
  /** `undefined` for one that cannot be read. */
  readonly content: BackupContent | undefined;
  readonly tokens: number;
  readonly opens: Opens;
  /** The ids of the keys that its tokens open with, each once. */
  readonly keyIds: readonly (string | undefined)[];
  /** Why it cannot be read, or every token that does not open. */
  readonly problems: readonly ProxmoxMcpError[];
}

/** A text and its file. */
export interface BackupContent {
  /** In bytes. */
  readonly size: number;
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly stat: FileStat;
}

/** So many at once keep every core busy with deriving keys. */
const AT_ONCE = 2 * availableParallelism();

/**
 * Looks into backups.
 *
 * @throws ProxmoxMcpError INTERRUPTED. What is wrong with a backup is in the result.
 */
export function inspectBackups(
  io: Io,
  backups: readonly FoundBackup[],
  keys: Keys | undefined,
  onProgress: (done: number) => void,
): Promise<readonly InspectedBackup[]> {
  return inFileBatches(io, backups, AT_ONCE, (backup) => inspect(io, backup, keys), onProgress);
}

/** What the tokens of one text need. */
export interface OpenedText {
  readonly tokens: number;
  readonly opens: Opens;
  readonly keyIds: readonly (string | undefined)[];
  readonly problems: readonly ProxmoxMcpError[];
  readonly plainSecrets: number;
}

/** Opens every token of a document. Never throws for a bad one. */
export async function openEvery(document: Document, { keys, deriver }: Keys): Promise<OpenedText> {
  const opener = createOpener({ keys, deriver: deriver.forDocument() });
  const rules = secretRulesFor(document);
  const { tokens, plainSecrets } = await surveyTokens(document, { rules, opener });
  const keyIds = [
    ...new Set(tokens.flatMap(({ opened }) => (opened === undefined ? [] : [opened.keyId]))),
  ];
  // A token that opens may be marked all the same, as one that must not be sealed anew.
  const problems = tokens.flatMap(({ opened, problem }) =>
    opened === undefined && problem !== undefined ? [problem] : [],
  );
  return {
    tokens: tokens.length,
    opens: problems.length > 0 ? "none" : worstOf(keyIds, keys),
    keyIds,
    problems,
    plainSecrets,
  };
}

async function inspect(
  io: Io,
  backup: FoundBackup,
  keys: Keys | undefined,
): Promise<InspectedBackup> {
  const time = stampTime(backup.stamp);
  if (time === undefined) throw new TypeError("a backup has the stamp of a second");
  try {
    const { document, file } = await readDocument(io, backup.path);
    if (file === undefined) throw new TypeError("a backup is a file");
    const opened = keys === undefined ? unopened(document) : await openEvery(document, keys);
    const { tokens, opens, keyIds, problems } = opened;
    return {
      ...backup,
      time,
      content: { size: Buffer.byteLength(file.text), hash: file.hash, stat: file.stat },
      tokens,
      opens,
      keyIds,
      problems: problems.map((problem) => problem.at({ file: backup.path })),
    };
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError) || error.code === "INTERRUPTED") throw error;
    return {
      ...backup,
      time,
      content: undefined,
      tokens: 0,
      opens: "unreadable",
      keyIds: [],
      problems: [error.at({ file: backup.path })],
    };
  }
}

function unopened(document: Document): Omit<OpenedText, "plainSecrets"> {
  const tokens = document.values.filter(({ kind, text }) => kind === "string" && isTokenLike(text));
  const opens = tokens.length === 0 ? "no-tokens" : "unknown";
  return { tokens: tokens.length, opens, keyIds: [], problems: [] };
}

function worstOf(keyIds: readonly (string | undefined)[], keys: KeyText): Opens {
  if (keyIds.length === 0) return "no-tokens";
  const { active, successor } = keys;
  const others = keyIds.filter((id) => id !== active.id);
  if (others.length === 0) return "active";
  return others.every((id) => successor !== undefined && id === successor.id)
    ? "successor"
    : "retired";
}
