import type { Rule } from "../rule.ts";
import { isOnline, nodeSubject } from "../subject.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

/** Proxmox says so after half a minute. Of a node that is down it is no news. */
export const HA_MANAGER_SILENT: Rule<ClusterHealthFacts> = clusterRule({
  id: "ha.manager-silent",
  title: "A node's HA manager gives no sign of life",
  severity: "warning",
  threshold: null,
  remedy:
    "see on {node}: `systemctl status pve-ha-lrm pve-ha-crm watchdog-mux`; a node that cannot renew its lock is restarted by its watchdog",
  needs: ["ha"],
  check: ({ ha, nodes }) =>
    ha.flatMap(({ id, type, node, status }) =>
      node === undefined ||
      status === undefined ||
      nodes.some((entry) => entry.node === node && !isOnline(entry)) ||
      !/old timestamp|unable to read/.test(status)
        ? []
        : [
            {
              subject: nodeSubject(node),
              summary: `The ${type === "master" ? "HA master" : "local HA manager"} on node ${node} is silent: ${status}`,
              evidence: { id, status },
              about: { node },
            },
          ],
    ),
});
