/** Reading a whole file, and telling apart everything that can be wrong with it. */
import { createHash } from "node:crypto";
import {
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { ProxmoxMcpError } from "../errors.ts";
import { readError } from "./system-error.ts";
import { decodeText } from "./text.ts";

/** Larger files are no config. Bytes. */
export const MAX_TEXT_BYTES: number = 256 * 1024 * 1024;
// Larger ones would lie about until the next collection, one for each file that was read.
const CHUNK = 64 * 1024;

/** What a file system says of a file. */
export interface FileStat {
  /** Permission bits with set-id and sticky bits, as in `0o640`; without the file's type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
}

/** A regular file, read whole. */
export interface RegularFile {
  /** The path as it was given. */
  readonly path: string;
  /** The real path: absolute, symbolic links resolved. */
  readonly target: string;
  readonly bytes: Buffer;
  readonly stat: FileStat;
}

/** A text file, read whole. */
export interface TextFile extends Omit<RegularFile, "bytes"> {
  /** The content; a byte order mark stays in it. */
  readonly text: string;
  /**
   * SHA-256 of the bytes, in hex: what `replaceFile` expects to find again. Computed when asked for:
   * commands that only read need not load node:crypto.
   */
  readonly hash: string;
}

/** How a text file is read. */
export interface ReadOptions {
  /** Larger files are refused. Default: 256 MiB. */
  readonly maxBytes?: number;
}

/**
 * Reads a text file.
 *
 * @throws ProxmoxMcpError FILE_NOT_FOUND, FILE_NOT_REGULAR (a directory, pipe, socket or device:
 * never waits for one), FILE_UNREADABLE (no permission, too large, a failing disk), FILE_EMPTY (no
 * bytes), FILE_NOT_TEXT (binary, or not UTF-8; with the place of the first wrong byte).
 */
export function readTextFile(path: string, options: ReadOptions = {}): TextFile {
  const { bytes, ...file } = readRegularFile(path, options.maxBytes ?? MAX_TEXT_BYTES);
  if (bytes.length === 0) {
    throw new ProxmoxMcpError("FILE_EMPTY", `${path} is empty`, { where: { file: path } });
  }
  const text = decodeText(path, bytes);
  return {
    ...file,
    text,
    get hash() {
      return hashText(text);
    },
  };
}

/** Whether something is at a path. A path that cannot be looked at counts as nothing. */
export function pathExists(path: string): boolean {
  return existsSync(path);
}

/** Whether a path leads to a directory. A path that cannot be looked at does not. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Whether a path leads to a regular file. A path that cannot be looked at does not. */
export function isRegularFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Whether a file has more bytes than a config may have. A path that cannot be looked at has not. */
export function exceedsConfig(path: string): boolean {
  try {
    return statSync(path).size > MAX_TEXT_BYTES;
  } catch {
    return false;
  }
}

/** The real path of something that exists. @throws ProxmoxMcpError as `readTextFile`. */
export function resolveTarget(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    throw readError(path, error);
  }
}

/** SHA-256 in hex. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** SHA-256 of a text in UTF-8, in hex. */
export function hashText(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** SHA-256 of a file, in hex, at any size in little memory. @throws ProxmoxMcpError as `readTextFile`. */
export function hashFile(path: string): string {
  const hash = createHash("sha256");
  for (const chunk of readChunks(path)) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * The bytes of a regular file of any size, a piece at a time. A piece is good until the next one is
 * asked for.
 *
 * @throws ProxmoxMcpError as `readTextFile`.
 */
export function* readChunks(path: string): Generator<Buffer> {
  const target = resolveTarget(path);
  try {
    const { descriptor, stat } = openRegularFile(path, target);
    try {
      const chunk = Buffer.allocUnsafe(Math.min(Number(stat.size) + 1, CHUNK));
      for (;;) {
        const count = readSync(descriptor, chunk, 0, chunk.length, null);
        if (count === 0) return;
        yield chunk.subarray(0, count);
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw readError(path, error);
  }
}

/** Reads a regular file of any content. @throws ProxmoxMcpError as `readTextFile`. */
export function readRegularFile(path: string, maxBytes: number): RegularFile {
  const target = resolveTarget(path);
  return withRegularFile(path, target, (descriptor, stat) => {
    const bytes = readWhole(path, descriptor, Number(stat.size), maxBytes);
    return { path, target, bytes, stat: toFileStat(stat) };
  });
}

function withRegularFile<T>(
  path: string,
  target: string,
  use: (descriptor: number, stat: BigIntStats) => T,
): T {
  try {
    const { descriptor, stat } = openRegularFile(path, target);
    try {
      return use(descriptor, stat);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw readError(path, error);
  }
}

function openRegularFile(path: string, target: string): { descriptor: number; stat: BigIntStats } {
  // Looked at before it is opened: opening a device can have an effect.
  refuseIrregular(path, statSync(target, { bigint: true }));
  // Another user may put a pipe there in between; opening that must not wait for a writer.
  const descriptor = openSync(target, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(descriptor, { bigint: true });
    refuseIrregular(path, stat);
    return { descriptor, stat };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** @throws ProxmoxMcpError FILE_NOT_REGULAR for anything but a regular file. */
export function refuseIrregular(path: string, stat: BigIntStats): void {
  if (stat.isFile()) return;
  const directory = stat.isDirectory();
  const kind = directory ? "a directory" : "not a regular file (a pipe, socket, device or link)";
  throw new ProxmoxMcpError("FILE_NOT_REGULAR", `${path} is ${kind}`, {
    where: { file: path },
    hint: directory ? "name a file in it" : "name a file; for standard input and output write -",
  });
}

/** The part of a stat that callers use. */
export function toFileStat(stat: BigIntStats): FileStat {
  return {
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    nlink: Number(stat.nlink),
  };
}

function readWhole(path: string, descriptor: number, size: number, maxBytes: number): Buffer {
  // One byte more than expected, so that a file that fits is read to its end by two calls. The size
  // is only a guess: a file can grow, and those of /proc say 0.
  let buffer = Buffer.allocUnsafe(Math.min(size, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length > maxBytes) {
      throw new ProxmoxMcpError("FILE_UNREADABLE", `${path} is larger than ${maxBytes} bytes`, {
        where: { file: path },
      });
    }
    if (length === buffer.length)
      buffer = Buffer.concat([buffer], Math.min(2 * length, maxBytes) + 1);
  }
}
