/**
 * Tokens in the raw bytes of a file, whatever its name, size and content: what `retire-key` must know
 * of files that nobody can parse.
 *
 * A token that the file spells with escapes, folds over several lines, encodes or compresses is not
 * seen here. In a document the first two are values: open it for those.
 */
import { ProxmoxMcpError } from "../errors.ts";
import { findTokens, openEndOf } from "../find-tokens.ts";
import { readChunks } from "./read.ts";

/** A token somewhere in a file. */
export interface ScannedToken {
  readonly token: string;
  /** From 1, by line feeds. */
  readonly line: number;
}

// Of a secret of half a megabyte; more at once would not fit in the memory of a small machine.
const MAX_TOKEN = 1024 * 1024;
// Strings of this size are soon collected, larger ones pile up.
const PIECE = 64 * 1024;

/**
 * Finds every token of a file, in UTF-16, too; in linear time, and in memory that does not grow with
 * the file. The file stays open until the last token was asked for.
 *
 * @returns tokens of every form, those of a newer version among them; what only begins like one is
 * left out.
 * @throws ProxmoxMcpError as `readTextFile`, but for what is no text; FILE_UNREADABLE for a token of
 * more than 1 MiB, which must not pass for one that is not there.
 */
export function* scanTokens(path: string): Generator<ScannedToken> {
  let line = 1;
  let rest = "";
  for (const chunk of charactersOf(path)) {
    const text = rest + chunk;
    const end = openEndOf(text);
    line = yield* tokensOf(path, text.slice(0, end), line);
    rest = text.slice(end);
    if (rest.length > MAX_TOKEN) throw tooLong(path, line);
  }
  yield* tokensOf(path, rest, line);
}

/** Whether a file of any size and content holds `enc:` in any case, so that it may hold tokens. */
export function mentionsToken(path: string): boolean {
  let rest = "";
  for (const chunk of charactersOf(path)) {
    const text = rest + chunk;
    if (/enc:/i.test(text)) return true;
    rest = text.slice(1 - "enc:".length);
  }
  return false;
}

/** @returns the line in which the text ends. */
function* tokensOf(path: string, text: string, first: number): Generator<ScannedToken, number> {
  let line = first;
  let position = 0;
  for (const { token, start } of findTokens(text)) {
    line += lineFeeds(text, position, start);
    position = start;
    if (token.length > MAX_TOKEN) throw tooLong(path, line);
    yield { token, line };
  }
  return line + lineFeeds(text, position, text.length);
}

/** One character a byte, but none for NULs, by which alone UTF-16 differs here. */
function* charactersOf(path: string): Generator<string> {
  for (const chunk of readChunks(path)) {
    const bytes = withoutNuls(chunk);
    for (let at = 0; at < bytes.length; at += PIECE) yield bytes.toString("latin1", at, at + PIECE);
  }
}

function withoutNuls(bytes: Buffer): Buffer {
  const first = bytes.indexOf(0);
  if (first < 0) return bytes;
  const kept = Buffer.allocUnsafe(bytes.length);
  let length = bytes.copy(kept, 0, 0, first);
  for (let at = first; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte !== 0) {
      kept[length] = byte;
      length += 1;
    }
  }
  return kept.subarray(0, length);
}

function lineFeeds(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) if (text.charCodeAt(at) === 10) count += 1;
  return count;
}

function tooLong(path: string, line: number): ProxmoxMcpError {
  return new ProxmoxMcpError("FILE_UNREADABLE", "a token of more than 1 MiB is not looked into", {
    where: { file: path, line },
    hint: "name the file itself, if it is a config, or move it out of the directory",
  });
}
