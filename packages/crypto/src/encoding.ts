/** Text and byte encodings in their one strict spelling. */
import { timingSafeEqual } from "node:crypto";

// By what the length of a text leaves when it is divided by 4.
const PADDING = ["", "===", "==", "="];

/** Padded base64url (RFC 4648 section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("base64url");
  return `${text}${PADDING[text.length % 4]}`;
}

/**
 * Reads padded base64url in its one canonical spelling.
 *
 * @returns the bytes, or `undefined` where another spelling (missing padding, the `+/` alphabet,
 * stray bits in the last character, white space) was given.
 */
export function decodeBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  // The decoder is lenient; but each sequence of bytes has one spelling, and this must be it.
  return encodeBase64Url(bytes) === text ? bytes : undefined;
}

/** Encodes text as UTF-8. @returns `undefined` for a lone surrogate, which UTF-8 cannot hold. */
export function encodeUtf8(text: string): Buffer | undefined {
  return text.isWellFormed() ? Buffer.from(text, "utf8") : undefined;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes UTF-8, keeping a byte order mark. @returns `undefined` for bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Compares in constant time. Inputs of different lengths are unequal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
