import { counted } from "../../counted.ts";
import { listed } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { isOnline, nodeSubject } from "../subject.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

/** One finding a node: its guests fail together. */
export const GUESTS_STRANDED: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.guests-stranded",
  title: "Guests are on a node that is offline",
  severity: "critical",
  threshold: null,
  remedy:
    "bring {node} back. Guests with HA move by themselves (`ha-manager status`). Others, where their disks are on shared storage and {node} is off for certain: `mv /etc/pve/nodes/{node}/qemu-server/VMID.conf /etc/pve/nodes/TARGET/qemu-server/`, and for containers the same with lxc/",
  needs: ["nodes", "guests"],
  check: ({ nodes, guests }) =>
    nodes
      .filter((node) => !isOnline(node))
      .flatMap(({ node }) => {
        const stranded = guests
          .filter((guest) => guest.node === node && !guest.template)
          .map(({ vmid }) => vmid)
          .sort((a, b) => a - b);
        if (stranded.length === 0) return [];
        return [
          {
            subject: nodeSubject(node),
            summary: `${counted(stranded.length, "guest")} on node ${node} cannot be reached: ${listed(stranded)}`,
            evidence: { guests: stranded.length, guest_ids: listed(stranded) },
            about: { node },
          },
        ];
      }),
});
