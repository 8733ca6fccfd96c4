/** What the running guests of a node were given, against what it has. */

import { isOnline, isRunning } from "../subject.ts";
import type { OptimizationFacts } from "./facts.ts";

/** `given` and `has` in the unit of the measure; guests that run. */
export interface Commitment {
  readonly node: string;
  readonly given: number;
  readonly has: number;
  readonly guests: number;
}

/** One entry for each node that is online and measured. */
export function commitments(
  { nodes, guests }: Pick<OptimizationFacts, "nodes" | "guests">,
  measure: "maxmem" | "maxcpu",
): readonly Commitment[] {
  return nodes.filter(isOnline).flatMap(({ node, [measure]: has }) => {
    if (has === undefined || has <= 0) return [];
    const running = guests.filter((guest) => guest.node === node && isRunning(guest));
    const given = running.reduce((sum, guest) => sum + (guest[measure] ?? 0), 0);
    return [{ node, given, has, guests: running.length }];
  });
}
