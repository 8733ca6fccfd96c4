import { nodeMemory } from "../node-memory.ts";
import type { Rule } from "../rule.ts";
import { fullness } from "../space.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

export const THRESHOLD: { readonly memory_fraction: number } = { memory_fraction: 0.95 };

/** From here on the kernel may end guests. */
export const NODE_MEMORY_FULL: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.memory-full",
  title: "A node is nearly out of memory",
  severity: "critical",
  threshold: THRESHOLD,
  remedy:
    "move guests away now: `qm migrate VMID TARGET --online`. The cache of ZFS counts as used: `arcstat` shows it, zfs_arc_max limits it",
  needs: ["nodes"],
  check: ({ nodes }) =>
    nodes.flatMap((node) => fullness(nodeMemory(node), { from: THRESHOLD.memory_fraction })),
});
