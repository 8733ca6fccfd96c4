import { percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { nodeSubject } from "../subject.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

const THRESHOLD = { cpu_fraction: 0.9 } as const;

/** One moment; `node.load-high` looks at a quarter of an hour. */
export const NODE_CPU_HIGH: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.cpu-high",
  title: "A node's processors are busy",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "see whether it lasts: `pvesh get /nodes/{node}/rrddata --timeframe hour`; if so, move guests away: `qm migrate VMID TARGET --online`",
  needs: ["nodes"],
  check: ({ nodes }) =>
    nodes.flatMap(({ node, cpu, maxcpu }) =>
      cpu === undefined || cpu < THRESHOLD.cpu_fraction
        ? []
        : [
            {
              subject: nodeSubject(node),
              summary: `Node ${node} uses ${percent(cpu)} of its processors`,
              evidence: { cpu_fraction: rounded(cpu), cpus: maxcpu ?? null },
              about: { node },
            },
          ],
    ),
});
