/**
 * Lines of the audit log: one JSON object each, whose last member is its mac.
 *
 * The mac is HMAC-SHA256, under the audit key, of the bytes of the same line without that member: the
 * line up to `,"mac":` and a closing brace.
 */
import type { AuditKey } from "./audit-key.ts";
import { type AuditRecord, recordOf } from "./record.ts";

/** What a line tells of. */
export type AuditEvent = "start" | "begin" | "end" | "key" | "reopen" | "stop";

/** The members that every line has. */
export interface LineFacts {
  /** That of the process: 16 hex digits. */
  readonly chain: string;
  /** Counts the lines of a chain from 0. */
  readonly seq: number;
  readonly time: Date;
  readonly event: AuditEvent;
  /** What else there is to tell, in its order. */
  readonly members: Readonly<Record<string, unknown>>;
  /** The mac of the line before it in the chain. */
  readonly prev: string | null;
}

/** A line, ready to be written. */
export interface SealedLine {
  /** With its line end. */
  readonly text: string;
  /** `null` without a key. */
  readonly mac: string | null;
}

/** Makes a line. */
export function sealLine(facts: LineFacts, key: AuditKey | undefined): SealedLine {
  const { chain, seq, time, event, members, prev } = facts;
  const head = { v: 1, chain, seq, time: time.toISOString(), event };
  const body = JSON.stringify({ ...head, ...members, key: key?.id ?? null, prev });
  const mac = key?.mac(Buffer.from(body, "utf8")) ?? null;
  return { text: `${body.slice(0, -1)},"mac":${JSON.stringify(mac)}}\n`, mac };
}

const CLOSING = Buffer.from("}");
const SEALED = /^\{"v":1,"chain":"[0-9a-f]{16}",.*,"mac":(?:"([0-9a-f]{64})"|null)\}$/;

/** A line as it was read. Nothing of it is known to be true. */
export interface ReadLine {
  readonly record: AuditRecord;
  readonly mac: string | null;
  /** Whether the mac is the one that this key gives. */
  isSealedBy(key: AuditKey): boolean;
}

/**
 * Takes a line apart.
 *
 * @param bytes without the line end.
 * @returns `undefined` for what is none, also where a member is of a type that the server never writes.
 */
export function readLine(bytes: Uint8Array): ReadLine | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // One character a byte: what is signed are bytes, and one that is no UTF-8 must not look like another.
  const match = SEALED.exec(buffer.toString("latin1"));
  if (match === null) return undefined;
  const mac = match[1] ?? null;
  const body = buffer.subarray(0, buffer.length - `,"mac":${JSON.stringify(mac)}}`.length);
  const record = recordOf(buffer);
  if (record === undefined) return undefined;
  return {
    record,
    mac,
    isSealedBy: (key) => mac !== null && key.mac(body, CLOSING) === mac,
  };
}
