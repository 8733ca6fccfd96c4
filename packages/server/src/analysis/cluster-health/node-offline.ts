import type { Rule } from "../rule.ts";
import { isOnline, nodeSubject } from "../subject.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

/** The cluster does not reach the node, or knows nothing of it. */
export const NODE_OFFLINE: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.offline",
  title: "A node is offline, or in an unknown state",
  severity: "critical",
  threshold: null,
  remedy:
    "see to the power, console and network of {node}; once it runs, `systemctl status pve-cluster corosync pvestatd` there says what is missing",
  needs: ["nodes"],
  check: ({ nodes }) =>
    nodes
      .filter((node) => !isOnline(node))
      .map(({ node, status }) => ({
        subject: nodeSubject(node),
        summary: `Node ${node} is ${status === "unknown" ? "in an unknown state" : status}`,
        evidence: { status },
        about: { node },
      })),
});
