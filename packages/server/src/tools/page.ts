/** Long lists, a page at a time. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { z } from "zod";
import { wholeNumber } from "./arguments.ts";

/** The arguments of every tool that gives a list. */
export const PAGE_ARGUMENTS: {
  readonly limit: z.ZodType<number>;
  readonly cursor: z.ZodType<string | undefined>;
} = {
  limit: wholeNumber(1, 1000).default(100).describe("At most so many at once"),
  cursor: z
    .string({ error: "the next_cursor of the page before" })
    .max(1000, "the next_cursor of the page before")
    .optional()
    .describe("next_cursor of the page before, for the page after it"),
};

/** What every tool that gives a list says about it. */
export const PAGE_FIELDS: {
  readonly total: z.ZodNumber;
  readonly next_cursor: z.ZodNullable<z.ZodString>;
} = {
  total: z.int().describe("How many there are on all pages"),
  next_cursor: z.string().nullable().describe("Ask for the next page with it; null on the last"),
};

const NAME_PART = "1 to 128 characters";

/** The argument that leaves only what has a name with some part in it. */
export function namePart(description: string): z.ZodType<string | undefined> {
  return z
    .string({ error: NAME_PART })
    .min(1, NAME_PART)
    .max(128, NAME_PART)
    .optional()
    .describe(`${description}; upper and lower case are the same`);
}

/** Whether a name has the part; any name does where no part is asked for. */
export function hasPart(name: string | null | undefined, part: string | undefined): boolean {
  return part === undefined || (name ?? "").toLowerCase().includes(part.toLowerCase());
}

/** Where a list is cut. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
  readonly next_cursor: string | null;
}

/**
 * Cuts a page out of a list that may have changed since the page before: a cursor holds the last id
 * that was given, not a position, so that nothing that stays is given twice or left out.
 *
 * @param list names the list, so that no other one takes its cursors.
 * @param idOf unique within the list; the pages are in the order of these ids.
 * @throws ProxmoxMcpError USAGE for a cursor that this list never gave.
 */
export function pageOf<Item>(
  items: readonly Item[],
  { limit, cursor }: PageRequest,
  list: string,
  idOf: (item: Item) => string,
): Page<Item> {
  const after = cursor === undefined ? undefined : openCursor(cursor, list);
  const sorted = items
    .map((item) => ({ item, id: idOf(item) }))
    .sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
  const rest = after === undefined ? sorted : sorted.filter(({ id }) => id > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    total: items.length,
    next_cursor: last === undefined || page.length === rest.length ? null : seal(list, last.id),
  };
}

function seal(list: string, id: string): string {
  return Buffer.from(JSON.stringify([list, id])).toString("base64url");
}

function openCursor(cursor: string, list: string): string {
  const [, id] = contentOf(cursor);
  // What this list does not seal into the same letters is not its own.
  if (typeof id !== "string" || seal(list, id) !== cursor) {
    throw new ProxmoxMcpError("USAGE", `${list} has given no such cursor`, {
      hint: "pass next_cursor of the page before as it came, or no cursor for the first page",
    });
  }
  return id;
}

function contentOf(cursor: string): readonly unknown[] {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(content) ? content : [];
  } catch {
    return [];
  }
}
