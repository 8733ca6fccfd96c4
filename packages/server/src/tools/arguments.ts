/**
 * Arguments that several tools take. Each has one sentence that says what it must be: it describes
 * the argument to clients, and it is the refusal.
 */
import { z } from "zod";
import { parseUpid } from "../proxmox/upid.ts";

// Clients of the Python server send guests' ids as text, and models any number.
const numberIn = (value: unknown): unknown =>
  typeof value === "string" && /^(?:0|[1-9][0-9]{0,9})$/.test(value) ? Number(value) : value;

/** A whole number. A text of digits is taken as the number. */
export function wholeNumber(least: number, most: number): z.ZodType<number> {
  const range = `a whole number from ${least} to ${most}`;
  return z.preprocess(numberIn, z.int({ error: range }).min(least, range).max(most, range));
}

/** The id of a guest, unique in its cluster. */
export const VMID: z.ZodType<number> = wholeNumber(100, 999_999_999).describe(
  "Id of the guest, as get_vms and get_containers list it",
);

const NODE_SHAPE = "1 to 63 letters, digits and hyphens";

/** The name of a node. */
export const NODE: z.ZodType<string> = text(/^[A-Za-z0-9-]{1,63}$/, NODE_SHAPE).describe(
  "Name of the node, as get_nodes lists it",
);

/** The node where a guest is believed to be. */
export const NODE_OF_GUEST: z.ZodType<string | undefined> = text(/^[A-Za-z0-9-]{1,63}$/, NODE_SHAPE)
  .optional()
  .describe("Not needed: a guest is found wherever it is, even if it has left this node");

/** The name of a storage. */
export const STORAGE: z.ZodType<string> = text(
  /^[A-Za-z][A-Za-z0-9._-]{0,98}[A-Za-z0-9]$/,
  "2 to 100 letters, digits, dots, hyphens and underscores, a letter first",
).describe("Name of the storage, as get_storage lists it");

const UPID_SHAPE = "a UPID, as in UPID:pve1:0002F1A4:0C2B3D4E:6720F3A1:qmstart:101:root@pam:";

/** The name of a task. */
export const UPID: z.ZodType<string> = z
  .string({ error: UPID_SHAPE })
  .max(512, UPID_SHAPE)
  .refine(isUpid, UPID_SHAPE)
  .describe("The task's UPID, whole: from UPID: to the colon at its end");

function isUpid(text: string): boolean {
  try {
    parseUpid(text);
    return true;
  } catch {
    return false;
  }
}

/** A value that is checked by a pattern, with the sentence that says what it must be. */
export function text(pattern: RegExp, shape: string): z.ZodString {
  return z.string({ error: shape }).regex(pattern, shape);
}

/** A switch between a few words. */
export function oneOf<const Word extends string>(
  words: readonly [Word, ...Word[]],
): z.ZodType<Word> {
  return z.enum(words, { error: `one of ${words.join(", ")}` });
}
