import type { Rule } from "../rule.ts";
import { nodeSubject } from "../subject.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

/** Seen by Proxmox where HA is in use: a sign of life that comes from the future. */
export const CLOCK_DRIFT: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.clock-drift",
  title: "A node's clock differs from the one that answered",
  severity: "warning",
  threshold: null,
  remedy:
    "`chronyc tracking` on {node} and on the others says how far each is off; give all of them the same time servers in /etc/chrony/chrony.conf and `systemctl restart chrony`",
  needs: ["ha"],
  check: ({ ha }) =>
    ha.flatMap(({ id, node, status }) =>
      node === undefined || status === undefined || !status.includes("time drift")
        ? []
        : [
            {
              subject: nodeSubject(node),
              summary: `The clock of node ${node} is ahead: ${status}`,
              evidence: { id, status },
              about: { node },
            },
          ],
    ),
});
