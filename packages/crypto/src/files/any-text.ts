/** The text of any file, whoever wrote it, for a search. What a config must be is not asked. */
import { isUtf8 } from "node:buffer";
import { readChunks } from "./read.ts";

/** A text, or why there is none to be searched: a clause. */
export type AnyText = { readonly text: string } | { readonly reason: string };

/**
 * Reads a text of at most so many bytes.
 *
 * @throws ProxmoxMcpError as `readTextFile`, but for what is no text or empty.
 */
export function readAnyText(path: string, maxBytes: number): AnyText {
  const chunks: Buffer[] = [];
  let length = 0;
  for (const chunk of readChunks(path)) {
    length += chunk.length;
    if (length > maxBytes) return tooLarge(maxBytes);
    chunks.push(Buffer.from(chunk));
  }
  return anyText(Buffer.concat(chunks));
}

/**
 * Decodes a text: UTF-8, UTF-16 with its mark, and Latin-1 for all that is neither and has no NUL, as
 * files of old programs have.
 */
export function anyText(bytes: Buffer): AnyText {
  const mark = bytes.length % 2 === 0 ? bytes.toString("hex", 0, 2) : "";
  if (mark === "fffe") return { text: bytes.toString("utf16le") };
  if (mark === "feff") return { text: Buffer.from(bytes).swap16().toString("utf16le") };
  if (bytes.includes(0)) return { reason: "it is binary" };
  return { text: bytes.toString(isUtf8(bytes) ? "utf8" : "latin1") };
}

/** Why a file of more bytes than that is not searched. */
export function tooLarge(maxBytes: number): { readonly reason: string } {
  return { reason: `it is larger than ${maxBytes / (1024 * 1024)} MiB` };
}
