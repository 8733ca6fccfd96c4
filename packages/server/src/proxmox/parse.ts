/**
 * Reading Proxmox's answers. They come from Perl: booleans are 1 and 0, numbers may be strings and
 * names may be numbers, and what is not known is left out or null.
 */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { z } from "zod";
import type { Endpoint } from "./endpoint.ts";
import { quotable } from "./upstream-text.ts";

/** A list, less its elements that could not be read. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  /** How many elements were left out because they could not be read. */
  readonly unreadable: number;
}

export const text: z.ZodType<string> = z.union([z.string(), z.number().transform(String)]);

export const number: z.ZodType<number> = z.union([
  z.number(),
  z.string().trim().min(1).transform(Number).pipe(z.number()),
]);

export const integer: z.ZodType<number> = number.pipe(z.int());

/** 1 and 0 in every spelling that Perl has for them. */
export const flag: z.ZodType<boolean> = z
  .union([z.boolean(), z.literal([0, 1, "0", "1", ""])])
  .transform((value) => value === true || value === 1 || value === "1");

/** A part that may be missing. One that cannot be read counts as missing. */
export function maybe<Value>(schema: z.ZodType<Value>): z.ZodType<Value | undefined> {
  return schema.optional().catch(undefined);
}

/** @throws ProxmoxMcpError PROXMOX_ANSWER for data of another shape. */
export function parseData<Value>(
  endpoint: Endpoint,
  schema: z.ZodType<Value>,
  data: unknown,
): Value {
  const { success, data: value, error } = schema.safeParse(data);
  if (success) return value;
  const [issue] = error.issues;
  // The keys are those of the answer.
  const path = quotable(issue?.path.join(".") ?? "", 80);
  const place = path === "" ? "" : ` at ${path}`;
  throw unreadable(endpoint, `data of another shape${place}`);
}

/**
 * @throws ProxmoxMcpError PROXMOX_ANSWER for anything but a list. Elements that cannot be read are
 * left out and counted.
 */
export function parseList<Item>(
  endpoint: Endpoint,
  schema: z.ZodType<Item>,
  data: unknown,
): Listed<Item> {
  if (!Array.isArray(data)) throw unreadable(endpoint, "no list");
  const items = data.flatMap((element) => {
    const parsed = schema.safeParse(element);
    return parsed.success ? [parsed.data] : [];
  });
  return { items, unreadable: data.length - items.length };
}

/** A whole answer that makes no sense. */
export function unreadable(endpoint: Endpoint, found: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "PROXMOX_ANSWER",
    `${endpoint.method} ${endpoint.path} was answered with ${found}`,
    { hint: "Proxmox VE 7 and later are understood; see whether a proxy changes its answers" },
  );
}
