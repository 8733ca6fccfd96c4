import type { Rule } from "../rule.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";
import { votesOf } from "./votes.ts";

/** Some nodes are down, and the rest is the smallest majority. */
export const NO_NODE_TO_LOSE: Rule<ClusterHealthFacts> = clusterRule({
  id: "cluster.no-node-to-lose",
  title: "Nodes are down, and one more would end the quorum",
  severity: "warning",
  threshold: null,
  remedy:
    "bring the missing nodes back before any other one is restarted; `pvecm status` shows votes and quorum",
  needs: ["cluster"],
  check: ({ cluster }) => {
    const votes = votesOf(cluster);
    if (votes === undefined || !votes.isQuorate) return [];
    const { name, nodes, online, needed } = votes;
    if (online >= nodes || online > needed) return [];
    return [
      {
        subject: "cluster",
        summary: `Cluster ${name} has ${online} of ${nodes} nodes online and needs ${needed}`,
        evidence: { nodes_online: online, nodes, nodes_needed: needed },
      },
    ];
  },
});
