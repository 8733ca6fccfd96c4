/** A line of an audit log as people and other programs read it. */
import { printable } from "@proxmox-mcp/crypto";

/** What a line says, believed or not; what it does not say is empty. */
export type AuditRecord = Readonly<Record<string, unknown>>;

/** Reads a line without asking whether it is true. @returns `undefined` for what is none. */
export function recordOf(bytes: Uint8Array): AuditRecord | undefined {
  try {
    const record: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const isObject = typeof record === "object" && record !== null && "chain" in record;
    return isObject ? (record as AuditRecord) : undefined;
  } catch {
    return undefined;
  }
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
