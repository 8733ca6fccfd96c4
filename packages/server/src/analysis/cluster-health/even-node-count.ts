import type { Rule } from "../rule.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";
import { votesOf } from "./votes.ts";

/** An even number of nodes bears no more failures than one node fewer. */
export const EVEN_NODE_COUNT: Rule<ClusterHealthFacts> = clusterRule({
  id: "cluster.even-node-count",
  title: "The cluster has an even number of nodes",
  severity: "info",
  threshold: null,
  remedy:
    "add a node, or a QDevice on a machine outside of the cluster: `pvecm qdevice setup ADDRESS`. Whether there is one already says `pvecm status`; it cannot be seen from here",
  needs: ["cluster"],
  check: ({ cluster }) => {
    const votes = votesOf(cluster);
    if (votes === undefined || votes.nodes % 2 !== 0) return [];
    const { name, nodes, needed } = votes;
    return [
      {
        subject: "cluster",
        summary: `Cluster ${name} has ${nodes} nodes and needs ${needed}: split into halves, neither goes on`,
        evidence: { nodes, nodes_needed: needed, nodes_that_may_fail: nodes - needed },
      },
    ];
  },
});
