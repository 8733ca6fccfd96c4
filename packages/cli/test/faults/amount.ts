/** How much a run of the suites does: everything with `--mode full`, or a shard of it; else a sample. */
import { it } from "vitest";
import { isIn, parseShard, partOfGroup, type Shard } from "./shard.ts";

/** Whether every point is tried. */
export const isFull: boolean = process.env["PROXMOX_MCP_FAULTS"] === "full";

/** The part of the full sweep that this run is. */
const shard: Shard = parseShard(isFull ? process.env["PROXMOX_MCP_FAULTS_SHARD"] : undefined);

/**
 * So many of a list, or this shard's part of all of it.
 *
 * @param nameOf what no other item is called.
 * @param part the part, where it is not that of the whole shard.
 */
export function chosen<T>(
  list: readonly T[],
  count: number,
  nameOf: (item: T) => string,
  part: Shard = shard,
): readonly T[] {
  return isFull ? list.filter((item) => isIn(part, nameOf(item))) : spread(list, count);
}

/** The groups that this shard takes part in, and its part of each. */
export function chosenGroups<T>(
  groups: readonly T[],
): readonly { readonly group: T; readonly part: Shard }[] {
  return groups.flatMap((group, index) => {
    const part = partOfGroup(shard, index, groups.length);
    return part === undefined ? [] : [{ group, part }];
  });
}

/** So many of a list, evenly spread over it; all of a list that is shorter. */
export function spread<T>(list: readonly T[], count: number): readonly T[] {
  if (count >= list.length) return list;
  return Array.from({ length: count }, (_, index) => {
    const item = list[Math.floor(((index + 0.5) * list.length) / count)];
    if (item === undefined) throw new RangeError("beyond the list");
    return item;
  });
}

/** Says on the terminal how much was tried of what there is. */
export function report(
  what: string,
  tried: number,
  known: number,
  missed: readonly string[],
): void {
  const misses =
    missed.length === 0 ? "" : `, ${missed.length} not hit: ${missed.slice(0, 5).join("; ")}`;
  const part = shard.of === 1 ? "" : `SHARD ${shard.number}/${shard.of}: `;
  process.stdout.write(`${part}${what}: ${tried} of ${known} points${misses}\n`);
}

/**
 * How many of so many points a run may miss: the runtime's own calls, of which it makes sometimes more
 * and sometimes fewer, are counted with the others.
 */
export function mayMiss(count: number): number {
  return Math.max(1, count / 10);
}

/** Milliseconds that a test of many runs may take: only what hangs may fail by the clock. */
export const LONG: number = 6 * 60 * 60_000;

/** Declares a skipped test for a suite that cannot run, and says so on the terminal. */
export function sayWhyNot(obstacle: string | undefined): void {
  if (obstacle === undefined) return;
  const what = `FAULT SUITE NOT RUN: ${obstacle}`;
  process.stdout.write(`${what}\n`);
  it.skip(what);
}
