/** What a line of the audit log says of a call. */
import { printable, redactKeys } from "@proxmox-mcp/crypto/internal";
import type { CallFacts, CallOutcome } from "../mcp/call-record.ts";

/** Characters of one text; longer ones are cut. */
const LONGEST = 256;
/** Members of one list or object. */
const MOST = 32;
const DEEPEST = 3;

/** The members of a `begin` line. */
export function beginMembers(call: CallFacts): Readonly<Record<string, unknown>> {
  return { ...whoAndWhat(call), arguments: shown(call.arguments) };
}

/** The members of an `end` line. */
export function endMembers(
  call: CallFacts,
  { outcome, duration, target, upids }: CallOutcome,
): Readonly<Record<string, unknown>> {
  return {
    ...whoAndWhat(call),
    target: shown(target ?? null),
    arguments: shown(call.arguments),
    outcome,
    duration_ms: duration,
    upids: shown(upids),
  };
}

function whoAndWhat({ id, caller, tool, effect }: CallFacts): Readonly<Record<string, unknown>> {
  return {
    id,
    transport: caller.transport,
    client: shown(caller.key ?? null),
    address: shown(caller.address ?? null),
    tool,
    effect,
  };
}

/** A value without control characters, master keys and more than a line should hold. */
function shown(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return cut(printable(redactKeys(value)));
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object" || depth === DEEPEST) return null;
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST).map((item) => shown(item, depth + 1));
    return value.length > MOST ? [...items, `and ${value.length - MOST} more`] : items;
  }
  const entries = Object.entries(value).slice(0, MOST);
  return Object.fromEntries(
    entries.map(([name, item]) => [shown(name), shown(item, depth + 1)] as const),
  );
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
