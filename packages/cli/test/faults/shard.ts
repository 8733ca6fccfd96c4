/**
 * Parts of the full sweep, which takes hours. The runs of shards 1/12 to 12/12 together try every point
 * once, on as many machines or one after the other.
 */
import { createHash } from "node:crypto";

/** One part of so many. */
export interface Shard {
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/** A sweep that is not divided. */
export const WHOLE: Shard = { number: 1, of: 1 };

/**
 * Reads a shard such as `3/12`.
 *
 * @throws RangeError for anything else: a sweep of nothing would pass for one that went well.
 */
export function parseShard(text: string | undefined): Shard {
  if (text === undefined || text === "") return WHOLE;
  const [, number, of] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(text)?.map(Number) ?? [];
  if (number === undefined || of === undefined || number > of)
    throw new RangeError(`no shard: ${text}; write the third of twelve as 3/12`);
  return { number, of };
}

/**
 * Whether a shard has to try something. Its name decides, not its place in a list: where one run makes
 * a call more than another one, nothing else changes sides.
 */
export function isIn({ number, of }: Shard, name: string): boolean {
  return createHash("sha256").update(name).digest().readUInt32BE() % of === number - 1;
}

/**
 * What a shard does of groups that cost something to begin with: it takes part in as few as possible.
 *
 * @param index of one of so many groups, from 0.
 * @returns the shard's part of the group; `undefined` where it has none.
 */
export function partOfGroup(
  { number, of }: Shard,
  index: number,
  groups: number,
): Shard | undefined {
  const sides = Math.min(of, groups);
  const side = (number - 1) % sides;
  if (index % sides !== side) return undefined;
  return { number: Math.floor((number - 1) / sides) + 1, of: Math.ceil((of - side) / sides) };
}
