/** What gets into a log: legible on a terminal, without keys, and errors in our own words. */
import {
  asKnownError,
  errorJson,
  printable,
  redactKeys,
  stackOf,
} from "@proxmox-mcp/crypto/internal";

const MAX_DEPTH = 6;

/** A text without keys and control characters. */
export function legibleText(text: string): string {
  return printable(redactKeys(text));
}

/**
 * Fields without keys and control characters. An error becomes its code, message, place and way out,
 * and in debugging its stack.
 */
export function legibleFields(
  fields: Readonly<Record<string, unknown>>,
  debug: boolean,
): Record<string, unknown> {
  return mapFields(fields, debug, 0);
}

function mapFields(fields: object, debug: boolean, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      legibleText(name),
      legible(value, debug, depth + 1),
    ]),
  );
}

function legible(value: unknown, debug: boolean, depth: number): unknown {
  if (typeof value === "string") return legibleText(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) {
    const known = mapFields(errorJson(asKnownError(value)), debug, depth);
    return debug ? { ...known, stack: stackOf(value).split("\n").map(legibleText) } : known;
  }
  if (depth > MAX_DEPTH) return "[too deep]";
  if (Array.isArray(value)) return value.map((item) => legible(item, debug, depth + 1));
  // A secret and a date say themselves how they are written.
  if ("toJSON" in value) return value;
  return mapFields(value, debug, depth);
}
