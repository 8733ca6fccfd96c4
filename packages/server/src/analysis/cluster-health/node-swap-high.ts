import type { Rule } from "../rule.ts";
import { fullness } from "../space.ts";
import { nodeSubject } from "../subject.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

const THRESHOLD = { swap_fraction: 0.5 } as const;

/** A node that swaps has given its guests more memory than it has. */
export const NODE_SWAP_HIGH: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.swap-high",
  title: "A node swaps",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "see on {node} whether pages still move (`vmstat 5 3`, columns si and so); if so, move guests away: `qm migrate VMID TARGET --online`",
  needs: ["nodeStatuses"],
  check: ({ nodeStatuses }) =>
    nodeStatuses.flatMap(({ node, swap }) =>
      fullness(
        {
          subject: nodeSubject(node),
          name: `Node ${node}`,
          of: "swap",
          used: swap?.used,
          total: swap?.total,
          about: { node },
        },
        { from: THRESHOLD.swap_fraction },
      ),
    ),
});
