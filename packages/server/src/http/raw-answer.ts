/** Answers to what is no HTTP request. */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type RefusalCode, refusalOf } from "./refusal.ts";

const BY_ERROR: Readonly<Record<string, RefusalCode>> = {
  HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "BODY_TOO_LARGE",
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
};

/**
 * Answers what the parser refused, without a word of it, and ends the connection.
 *
 * @param isAnswering whether this answer would stand in the middle of another one.
 */
export function answerRaw(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  isAnswering: boolean,
): void {
  if (error.code === "ECONNRESET" || !socket.writable || isAnswering) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = refusalOf(BY_ERROR[error.code ?? ""] ?? "BAD_REQUEST", "json");
  const lines = Object.entries({
    ...headers,
    "Content-Length": String(Buffer.byteLength(body)),
    Connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
}
