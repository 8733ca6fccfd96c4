/**
 * Records: what a transaction is about to do, on the disk before it does it. Each directory that
 * holds a target has one; that of the first directory, the home, also says how far the transaction
 * got. A record holds names and hashes, never a secret.
 *
 * The first line tells a whole record from a damaged one: it has the version of the format and the
 * SHA-256 of everything that follows it.
 */
import { createHash } from "node:crypto";
import { lstatSync, renameSync, type Stats, statSync, unlinkSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { jsonText } from "../json-text.ts";
import { createDurable, syncDirectory } from "./durable.ts";
import { RECORD_NAME, temporaryPath } from "./names.ts";
import { type FileStat, hashText, type RegularFile, readRegularFile } from "./read.ts";
import { directoryError, systemCode } from "./system-error.ts";
import { isTrusted } from "./writer.ts";

/** One file of a transaction. Hashes are SHA-256 in hex. */
export interface RecordedFile {
  /** Its name in the record's directory. */
  readonly name: string;
  /** The hash of the text as it was; `null` where there was no file. */
  readonly before: string | null;
  /** The hash of the text to come. */
  readonly after: string;
  /** The name under which the old text is kept; `null` where it is not. */
  readonly backup: string | null;
}

/** How far a transaction got: nothing is renamed before `commit`, and everything undone after `abort`. */
export type TransactionState = "prepared" | "commit" | "abort";

/** What the home's record says beside its files. */
export interface HomePlan {
  readonly state: TransactionState;
  /** The real paths of all directories of the transaction, the home first. */
  readonly directories: readonly string[];
  /** The real paths of what the user asked for, whether it had to change or not. */
  readonly targets: readonly string[];
}

/** The record of one directory. */
export interface TransactionRecord {
  /** 16 hex digits, the same in all directories and in the names of the temporary files. */
  readonly id: string;
  /** Small letters and dashes, such as `rotate-key`. */
  readonly operation: string;
  /** The real path of the home. */
  readonly home: string;
  /** UTC, `YYYYMMDD_HHMMSS`: the end of the backups' names. */
  readonly stamp: string;
  /** The id of the key that the new texts open with, where the operation changes it. */
  readonly keyId: string | null;
  readonly files: readonly RecordedFile[];
  /** In the home's record alone. */
  readonly plan: HomePlan | null;
}

const VERSION = 1;
const HEADER = /^proxmox-mcp transaction (\d+) sha256 ([0-9a-f]{64})$/;
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * A record as text, its list of files in pieces: that of ten thousand takes megabytes.
 *
 * @throws TypeError for one that could not be read back: after a crash nobody could close it.
 */
export function* formatRecord(record: TransactionRecord): Generator<string> {
  if (!isRecord(record)) throw new TypeError("a record that could not be read back");
  const checksum = createHash("sha256");
  for (const piece of jsonText(record)) checksum.update(piece);
  let before = `proxmox-mcp transaction ${VERSION} sha256 ${checksum.digest("hex")}\n`;
  for (const piece of jsonText(record)) {
    yield before + piece;
    before = "";
  }
}

/**
 * Reads a record's text. @returns `undefined` for one that is damaged, `"other-version"` for one
 * that another version of this tool wrote.
 */
export function parseRecord(text: string): TransactionRecord | "other-version" | undefined {
  const end = text.indexOf("\n");
  const [, version, checksum] = HEADER.exec(text.slice(0, Math.max(end, 0))) ?? [];
  if (version === undefined) return undefined;
  if (version !== String(VERSION)) return "other-version";
  const body = text.slice(end + 1);
  if (hashText(body) !== checksum) return undefined;
  const record = parseJson(body);
  return isRecord(record) ? record : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a directory's record is. */
export function recordPath(directory: string): string {
  return join(directory, RECORD_NAME);
}

/**
 * Whether a directory has a record, so that a transaction in it was not closed or is under way.
 *
 * @throws ProxmoxMcpError WRITE_FAILED where that cannot be told.
 */
export function hasRecord(directory: string): boolean {
  return lookAtRecord(directory) !== undefined;
}

function lookAtRecord(directory: string): Stats | undefined {
  try {
    return lstatSync(recordPath(directory), { throwIfNoEntry: false });
  } catch (error) {
    throw directoryError(directory, error);
  }
}

/**
 * Reads a directory's record.
 *
 * @returns `undefined` where there is none.
 * @throws ProxmoxMcpError NOT_CLOSED for a record that cannot be read, that somebody else may have
 * written, that is damaged or of another version: whatever it stands for must not be touched.
 */
export function readRecord(directory: string): TransactionRecord | undefined {
  const found = lookAtRecord(directory);
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) throw foreign(directory, "is a symbolic link");
  const { bytes, stat } = readBytes(directory);
  refuseForeign(directory, stat);
  const parsed = parseRecord(bytes.toString("utf8"));
  if (parsed === "other-version") {
    throw unreadable(
      directory,
      "is of another version",
      "finish it with the version that began it",
    );
  }
  if (parsed === undefined) {
    throw unreadable(directory, "is damaged", "see docs/rotation.md, recovery by hand");
  }
  return parsed;
}

function readBytes(directory: string): RegularFile {
  try {
    return readRegularFile(recordPath(directory), MAX_BYTES);
  } catch (error) {
    throw unreadable(directory, "cannot be read", "run as the user who began it", error);
  }
}

// Where others may make files, they can leave a record for us to follow. The owner of a directory
// can rename what is in it in any case, so that root may go on with their run.
function refuseForeign(directory: string, { uid, mode }: FileStat): void {
  if (process.platform === "win32") return;
  const able = process.geteuid?.() === 0 ? ownerOf(directory) : undefined;
  if (!isTrusted({ uid }, able)) throw foreign(directory, `belongs to user ${uid}`);
  if ((mode & 0o022) !== 0) {
    throw foreign(directory, `of user ${uid} can be written by others (mode ${mode.toString(8)})`);
  }
}

function ownerOf(directory: string): Stats {
  try {
    return statSync(directory);
  } catch (error) {
    throw unreadable(directory, "cannot be judged", "run it again", error);
  }
}

function foreign(directory: string, trouble: string): ProxmoxMcpError {
  const hint =
    "find out who made it: if it is of a run of theirs, run the command as that user, else move it away";
  return unreadable(directory, trouble, hint);
}

/**
 * Writes a directory's record in the place of the one that is there, durably.
 *
 * @throws the system error. What stands there then is the old record or the new one: read it.
 */
export function writeRecord(directory: string, record: TransactionRecord): void {
  const path = recordPath(directory);
  const aside = temporaryPath(path, record.id, "new");
  // A run that was killed here may have left one.
  deleteIfThere(aside);
  createDurable(aside, bytesOf(formatRecord(record)), { mode: 0o600 });
  try {
    renameSync(aside, path);
  } catch (error) {
    unlinkSync(aside);
    throw error;
  }
  syncDirectory(directory);
}

function* bytesOf(pieces: Iterable<string>): Generator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece, "utf8");
}

/** Deletes a directory's record, durably. One that is gone already is no failure. */
export function deleteRecord(directory: string): void {
  deleteIfThere(recordPath(directory));
  syncDirectory(directory);
}

function deleteIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

function unreadable(
  directory: string,
  trouble: string,
  hint: string,
  cause?: unknown,
): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "NOT_CLOSED",
    `an earlier run in ${directory} was not closed, and its record ${trouble}; nothing was changed`,
    { where: { file: recordPath(directory) }, hint, cause },
  );
}

// The checksum vouches for the bytes, not for who wrote them: names must not leave their directory.
function isRecord(value: unknown): value is TransactionRecord {
  return (
    isObject(value) &&
    matches(value["id"], /^[0-9a-f]{16}$/) &&
    matches(value["operation"], /^[a-z-]{1,40}$/) &&
    isPath(value["home"]) &&
    matches(value["stamp"], /^\d{8}_\d{6}$/) &&
    (value["keyId"] === null || matches(value["keyId"], /^[0-9a-f]{8}$/)) &&
    isList(value["files"], isRecordedFile) &&
    (value["plan"] === null || isPlan(value["plan"], value["home"]))
  );
}

function isRecordedFile(value: unknown): value is RecordedFile {
  return (
    isObject(value) &&
    isName(value["name"]) &&
    (value["before"] === null || isHash(value["before"])) &&
    isHash(value["after"]) &&
    (value["backup"] === null || isName(value["backup"]))
  );
}

function isPlan(value: unknown, home: string): value is HomePlan {
  return (
    isObject(value) &&
    matches(value["state"], /^(prepared|commit|abort)$/) &&
    isList(value["directories"], isPath) &&
    value["directories"][0] === home &&
    isList(value["targets"], isPath)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isList<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === "string" && pattern.test(value);
}

function isHash(value: unknown): value is string {
  return matches(value, /^[0-9a-f]{64}$/);
}

function isName(value: unknown): value is string {
  if (typeof value !== "string" || value.includes("\0")) return false;
  return value !== "" && value !== "." && value !== ".." && basename(value) === value;
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && isAbsolute(value) && !value.includes("\0");
}
