/** Fields that the results of several tools have. What is not known is null, never left out. */
import { z } from "zod";

/** A number that may not be known; the field's name has its unit. */
export function amount(description?: string): z.ZodNullable<z.ZodNumber> {
  const schema = z.number().nullable();
  return description === undefined ? schema : schema.describe(description);
}

/** A text that may not be known. */
export function wording(description: string): z.ZodNullable<z.ZodString> {
  return z.string().nullable().describe(description);
}

/** The nodes that did not report. */
export const UNREACHABLE_NODES: z.ZodArray<z.ZodString> = z
  .array(z.string())
  .describe("Nodes that are not online: what is on them may be missing here or out of date");

/** What Proxmox sent and nobody could read. */
export const UNREADABLE: z.ZodNumber = z
  .int()
  .describe("How many entries of Proxmox's answer could not be read and are missing here");

/** The value, or null where it is not known. */
export function known<Value>(value: Value | undefined): Value | null {
  return value ?? null;
}

/** The names of the nodes that are not online, in order. */
export function unreachable(
  nodes: readonly { readonly node: string; readonly status: string }[],
): string[] {
  return nodes
    .filter(({ status }) => status !== "online")
    .map(({ node }) => node)
    .sort();
}

/** What a list has to say below its rows. */
export function footnotes(result: {
  readonly total?: number;
  readonly shown?: number;
  readonly next_cursor?: string | null;
  readonly unreachable_nodes?: readonly string[];
  readonly unreadable?: number;
}): string {
  const {
    total,
    shown,
    next_cursor: cursor,
    unreachable_nodes: nodes = [],
    unreadable = 0,
  } = result;
  const notes = [
    total === undefined || total === shown ? "" : `${shown} of ${total} shown.`,
    typeof cursor === "string" ? `Next page: cursor ${cursor}` : "",
    nodes.length === 0
      ? ""
      : `Not online: ${nodes.join(", ")}. What is on them may be out of date.`,
    unreadable === 0 ? "" : `${unreadable} entries could not be read and are missing.`,
  ].filter((note) => note !== "");
  return notes.length === 0 ? "" : `\n\n${notes.join("\n")}`;
}
