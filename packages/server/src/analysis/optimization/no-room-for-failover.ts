import { gibibytes, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { isOnline } from "../subject.ts";
import { type OptimizationFacts, optimizationRule } from "./facts.ts";

const THRESHOLD = { memory_used_of_remaining_fraction: 0.9 } as const;

/** What is used on all nodes, against what is there without the largest of them. */
export const NO_ROOM_FOR_FAILOVER: Rule<OptimizationFacts> = optimizationRule({
  id: "cluster.no-room-for-failover",
  title: "The other nodes could not take the guests of the largest one",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "give guests less memory, stop what is not needed, or add memory or a node: with {node} down, not all guests could run",
  needs: ["nodes"],
  check: ({ nodes }) => {
    const measured = nodes
      .filter(isOnline)
      .flatMap(({ node, mem, maxmem }) =>
        mem === undefined || maxmem === undefined ? [] : [{ node, mem, maxmem }],
      )
      .sort((a, b) => b.maxmem - a.maxmem || (a.node < b.node ? -1 : 1));
    const [largest, ...others] = measured;
    if (largest === undefined || others.length === 0) return [];
    const used = measured.reduce((sum, { mem }) => sum + mem, 0);
    const remaining = others.reduce((sum, { maxmem }) => sum + maxmem, 0);
    const fraction = used / remaining;
    if (!(fraction > THRESHOLD.memory_used_of_remaining_fraction)) return [];
    return [
      {
        subject: "cluster",
        summary: `All nodes use ${gibibytes(used)} of memory; without node ${largest.node} there are ${gibibytes(remaining)}`,
        evidence: {
          memory_used_of_remaining_fraction: rounded(fraction),
          memory_used_bytes: used,
          memory_remaining_bytes: remaining,
          largest_node: largest.node,
        },
        about: { node: largest.node },
      },
    ];
  },
});
