import { nodeMemory } from "../node-memory.ts";
import type { Rule } from "../rule.ts";
import { fullness } from "../space.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";
import { THRESHOLD as FULL } from "./node-memory-full.ts";

const THRESHOLD = { memory_fraction: 0.85 } as const;

/** Up to where `node.memory-full` says it more urgently. */
export const NODE_MEMORY_HIGH: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.memory-high",
  title: "A node uses most of its memory",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "move guests away (`qm migrate VMID TARGET --online`) or give some less memory: suggest_resource_optimization names those that leave theirs unused. The cache of ZFS counts as used",
  needs: ["nodes"],
  check: ({ nodes }) =>
    nodes.flatMap((node) =>
      fullness(nodeMemory(node), {
        from: THRESHOLD.memory_fraction,
        below: FULL.memory_fraction,
      }),
    ),
});
