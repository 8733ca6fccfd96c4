/** Files that hold a key text. */
import { dirname } from "node:path";
import { type ErrorCode, ProxmoxMcpError } from "../errors.ts";
import { equalKeyTexts, formatKeyText, type KeyText, parseKeyText } from "../key/key-text.ts";
import { createFile } from "./create.ts";
import type { FileChange } from "./file-change.ts";
import type { Locks } from "./lock.ts";
import { opennessOf } from "./openness.ts";
import { changedError } from "./original.ts";
import { type RegularFile, readRegularFile, readTextFile } from "./read.ts";
import { decodeText } from "./text.ts";
import { withTransaction } from "./transaction.ts";

/** A key text is a few lines; what is larger is some other file. Bytes. */
export const MAX_KEY_BYTES: number = 64 * 1024;

/** A key text as it was read, and what people should know about its source. */
export interface KeyReading {
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * Creates a key file of mode 0600 and reads it back. An existing file is never touched.
 *
 * @param keyText - one key per line, with a final newline.
 * @throws ProxmoxMcpError KEY_FILE_EXISTS, and as `createFile`.
 */
export async function createKeyFile(path: string, keyText: string, locks?: Locks): Promise<void> {
  try {
    await createFile({ path, data: keyText, mode: 0o600, operation: "generate-key", locks });
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError) || error.code !== "OUTPUT_EXISTS") throw error;
    throw new ProxmoxMcpError("KEY_FILE_EXISTS", `key file ${error.message}`, {
      where: { file: path },
      hint:
        "to move to a new key, and keep the old one until every file has moved: " +
        "proxmox-mcp-encrypt rotate-key",
      cause: error,
    });
  }
}

/**
 * Replaces the keys in a key file, durably: at every instant it is wholly old or wholly new. A link to
 * it stays one. Comments in it are not kept.
 *
 * @param from the keys that it holds now.
 * @throws ProxmoxMcpError as `replaceFile`; FILE_CHANGED where it holds other keys; WRITE_FAILED where
 * what was written does not hold exactly the new ones.
 */
export async function replaceKeyFile(
  path: string,
  from: KeyText,
  to: KeyText,
  locks?: Locks,
): Promise<void> {
  const change = planKeyFile(path, from, to);
  const scope = { directories: [dirname(change.target)], operation: "rotate-key", locks };
  await withTransaction(scope, ({ commit }) => commit([change]));
}

/**
 * The same as a change among others of a transaction. Its owner and, if it has that right, its group
 * go on reading it; others lose theirs.
 *
 * @throws ProxmoxMcpError as `readKeyFile`; FILE_CHANGED.
 */
export function planKeyFile(path: string, from: KeyText, to: KeyText): FileChange {
  const { target, text, hash, stat } = readTextFile(path, { maxBytes: MAX_KEY_BYTES });
  if (!equalKeyTexts(parseKeyText(text), from)) throw changedError(path);
  const make = () => ({
    text: formatKeyText(to),
    verify: (written: string) => verifyKeyText(path, written, to),
  });
  return { target, before: hash, make, mode: (stat.mode & 0o640) | 0o600, backup: false };
}

/**
 * What a new text of a key file must pass: it holds exactly these keys, in their roles.
 *
 * @throws ProxmoxMcpError WRITE_FAILED.
 */
function verifyKeyText(path: string, text: string, keys: KeyText): void {
  if (equalKeyTexts(parseKeyText(text), keys)) return;
  throw new ProxmoxMcpError(
    "WRITE_FAILED",
    `cannot write key file ${path}: the keys in it would not be those that were meant; nothing was changed`,
    { where: { file: path } },
  );
}

/**
 * Reads a key file.
 *
 * @returns the text as it stands, and a warning where others than the owner may read it. What
 * Kubernetes mounts for a group (owned by root, mode 0440) is as tight as it gets there.
 * @throws ProxmoxMcpError KEY_UNREADABLE (missing, no permission, no regular file, no text),
 * KEY_EMPTY.
 */
export function readKeyFile(path: string): KeyReading {
  let file: RegularFile;
  let text: string;
  try {
    file = readRegularFile(path, MAX_KEY_BYTES);
    text = decodeText(path, file.bytes);
  } catch (error) {
    throw asKeyError(path, error);
  }
  refuseEmptyKey(text, `key file ${path}`, path);
  return { text, warnings: warnOfMode(path, file) };
}

/** @throws ProxmoxMcpError KEY_EMPTY for nothing but white space. */
export function refuseEmptyKey(text: string, from: string, file?: string): void {
  if (text.trim() !== "") return;
  throw new ProxmoxMcpError("KEY_EMPTY", `${from} holds no key: it is empty`, {
    ...(file === undefined ? {} : { where: { file } }),
    hint: "put the key back from its backup; a secret store that found nothing also gives nothing",
  });
}

function asKeyError(path: string, error: unknown): unknown {
  if (!(error instanceof ProxmoxMcpError)) return error;
  const code: ErrorCode = "KEY_UNREADABLE";
  const detail = { where: { file: path }, cause: error };
  switch (error.code) {
    case "FILE_NOT_FOUND":
      return new ProxmoxMcpError(code, `key file not found: ${path}`, {
        ...detail,
        hint: `check the path; a first key is made by: proxmox-mcp-encrypt generate-key -o ${path}`,
      });
    case "FILE_NOT_REGULAR":
      return new ProxmoxMcpError(code, `key file ${error.message}`, {
        ...detail,
        hint: "name a file; for a key that a command prints set PROXMOX_MCP_MASTER_KEY_COMMAND",
      });
    case "FILE_NOT_TEXT":
      return new ProxmoxMcpError(code, `key file ${path} is not text`, {
        ...detail,
        hint: "a key is 44 characters of base64url, written as UTF-8",
      });
    default:
      return new ProxmoxMcpError(code, `${error.message} (the key file)`, {
        ...detail,
        hint: error.hint,
      });
  }
}

function warnOfMode(path: string, file: RegularFile): readonly string[] {
  const others = opennessOf(file);
  return others === undefined ? [] : [`key file ${path} is open to ${others}: chmod 600 ${path}`];
}
