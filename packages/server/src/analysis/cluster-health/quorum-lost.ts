import type { Rule } from "../rule.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";
import { votesOf } from "./votes.ts";

/** Without quorum /etc/pve is read-only: nothing can be started, changed or moved. */
export const QUORUM_LOST: Rule<ClusterHealthFacts> = clusterRule({
  id: "cluster.quorum-lost",
  title: "The cluster has no quorum",
  severity: "critical",
  threshold: null,
  remedy:
    "bring the missing nodes back, or the network between them: `pvecm status` and `journalctl -u corosync` say what a node sees. Only where they are off for certain and stay so: `pvecm expected 1`",
  needs: ["cluster"],
  check: ({ cluster }) => {
    const votes = votesOf(cluster);
    if (votes === undefined || votes.isQuorate) return [];
    return [
      {
        subject: "cluster",
        summary: `Cluster ${votes.name} is not quorate: ${votes.online} of ${votes.nodes} nodes are online`,
        evidence: { quorate: false, nodes_online: votes.online, nodes: votes.nodes },
      },
    ];
  },
});
