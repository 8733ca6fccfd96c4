/** A line of an audit log as people and other programs read it. */
import { printable } from "@proxmox-mcp/crypto/internal";
import { LONGEST_LINE } from "./read-lines.ts";

/** Levels of lists and objects in a line. The server writes fewer; what handles them has to end. */
const DEEPEST = 16;

/** What a line says, believed or not. */
export interface AuditRecord extends Readonly<Record<string, unknown>> {
  readonly chain: string;
  readonly seq: number;
  readonly event: string;
  /** The id of the master key. */
  readonly key: string | null;
  readonly prev: string | null;
}

/**
 * Reads a line without asking whether it is true.
 *
 * @returns `undefined` for what is none: also for what is longer or deeper than any line, and for one
 * whose place in a chain cannot be told.
 */
export function recordOf(bytes: Uint8Array): AuditRecord | undefined {
  if (bytes.length > LONGEST_LINE) return undefined;
  const record = jsonOf(bytes);
  if (typeof record !== "object" || record === null) return undefined;
  return isRecord({ ...record }) && isShallow(record, 1) ? (record as AuditRecord) : undefined;
}

/** What some text says as JSON, of whatever shape; `undefined` for what is no JSON. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

const CHAIN = /^[0-9a-f]{16}$/;

// Of a member that is there twice the last one counts: it may be another than the line began with.
function isRecord({ chain, seq, event, key, prev }: Readonly<Record<string, unknown>>): boolean {
  if (typeof chain !== "string" || !CHAIN.test(chain) || typeof event !== "string") return false;
  if (!Number.isSafeInteger(seq) || Number(seq) < 0) return false;
  return [key, prev].every((member) => typeof member === "string" || member === null);
}

function isShallow(value: unknown, level: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return level <= DEEPEST && Object.values(value).every((item) => isShallow(item, level + 1));
}

/** A member as text, whatever stands there: it cannot break a line or repaint a terminal. */
export function textOf(record: AuditRecord, name: string): string {
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  if (value === undefined || value === null) return "";
  return printable(typeof value === "string" ? value : JSON.stringify(value));
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;

/** JSON text that says the same, and in which everything can be seen. */
export function printableJson(json: string): string {
  return json.replace(UNSEEN, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
