/** Answers as the front end writes them. */
import { gzipSync } from "node:zlib";
import type { Refusal } from "./refusal.ts";
import { Page } from "./route.ts";

export interface Answer {
  readonly status: number;
  /** The reason phrase. Before release 8.4 the message stands nowhere else. */
  readonly reason: string;
  readonly body: string;
  readonly isJson: boolean;
}

/** How the data is wrapped: `json`, or `extjs`, which always says 200. */
export type Format = "json" | "extjs";

/** The answer to a call that went well. */
export function success(format: Format, result: Page | { readonly data: unknown }): Answer {
  const page = result instanceof Page ? { total: result.total } : {};
  const more = format === "extjs" ? { success: 1, ...page } : page;
  return json(200, "OK", { data: result.data, ...more });
}

/** The answer to a call that was refused. */
export function refusal(format: Format, { status, message, detail }: Refusal): Answer {
  if (detail.bare === true) return bare(status, message);
  const errors = detail.errors === undefined ? {} : { errors: detail.errors };
  const body = { data: null, message, ...errors };
  if (format === "json") return json(status, firstLine(message), body);
  return json(200, "OK", { ...body, success: 0, status: String(status) });
}

/** What the front end says by itself, without JSON. A 401 has no body at all. */
export function bare(status: number, message: string): Answer {
  const body = status === 401 ? "" : message;
  return { status, reason: firstLine(message), body, isJson: false };
}

/** The header fields of an answer, and its body as it goes out. */
export function encode(
  { body, isJson }: Answer,
  { now, gzip, keepAlive }: { now: Date; gzip: boolean; keepAlive: boolean },
): { readonly headers: Readonly<Record<string, string | number>>; readonly bytes: Buffer } {
  const plain = Buffer.from(body, "utf8");
  const isSmaller = gzip && plain.length > 1024;
  const bytes = isSmaller ? gzipSync(plain) : plain;
  const date = now.toUTCString();
  return {
    bytes,
    headers: {
      "Cache-Control": "max-age=0",
      Connection: keepAlive ? "Keep-Alive" : "close",
      Date: date,
      Pragma: "no-cache",
      Server: "pve-api-daemon/3.0",
      ...(isSmaller ? { "Content-Encoding": "gzip" } : {}),
      ...(bytes.length === 0 ? {} : { "Content-Length": bytes.length }),
      ...(isJson ? { "Content-Type": "application/json;charset=UTF-8" } : {}),
      Expires: date,
    },
  };
}

function json(status: number, reason: string, body: object): Answer {
  return { status, reason, body: JSON.stringify(body), isJson: true };
}

// The bytes of UTF-8, each as a character: what a header can carry. No control characters.
function firstLine(message: string): string {
  const bytes = Buffer.from(message.split("\n", 1)[0] ?? "", "utf8").toString("latin1");
  return bytes.replace(/\p{Cc}/gu, (character) => (character < "\x80" ? " " : character));
}
