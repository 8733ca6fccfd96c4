import { fractionOf, percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { isOnline } from "../subject.ts";
import { type OptimizationFacts, optimizationRule } from "./facts.ts";

const THRESHOLD = { memory_difference_fraction: 0.3 } as const;

/** The fullest node against the emptiest. */
export const MEMORY_IMBALANCE: Rule<OptimizationFacts> = optimizationRule({
  id: "cluster.memory-imbalance",
  title: "Memory is used very unevenly across nodes",
  severity: "info",
  threshold: THRESHOLD,
  remedy:
    "move guests from {fullest} to {emptiest}: `qm migrate VMID {emptiest} --online`, `pct migrate VMID {emptiest} --restart`",
  needs: ["nodes"],
  check: ({ nodes }) => {
    const fractions = nodes
      .filter(isOnline)
      .flatMap(({ node, mem, maxmem }) => {
        const fraction = fractionOf(mem, maxmem);
        return fraction === undefined ? [] : [{ node, fraction }];
      })
      .sort((a, b) => b.fraction - a.fraction || (a.node < b.node ? -1 : 1));
    const [fullest, emptiest] = [fractions[0], fractions.at(-1)];
    if (fullest === undefined || emptiest === undefined) return [];
    const difference = fullest.fraction - emptiest.fraction;
    if (difference <= THRESHOLD.memory_difference_fraction) return [];
    return [
      {
        subject: "cluster",
        summary: `Node ${fullest.node} uses ${percent(fullest.fraction)} of its memory, node ${emptiest.node} ${percent(emptiest.fraction)}`,
        evidence: {
          memory_difference_fraction: rounded(difference),
          fullest_node: fullest.node,
          fullest_memory_fraction: rounded(fullest.fraction),
          emptiest_node: emptiest.node,
          emptiest_memory_fraction: rounded(emptiest.fraction),
        },
        about: { fullest: fullest.node, emptiest: emptiest.node },
      },
    ];
  },
});
