import type { Rule } from "../rule.ts";
import { guestName, isOnline } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

/** Nothing can be asked of a node that is down. */
export const UNREACHABLE: Rule<GuestFacts> = guestRule({
  id: "guest.unreachable",
  title: "The guest's node does not answer, or knows no state of the guest",
  severity: "critical",
  threshold: null,
  remedy:
    "bring {node} back (analyze_cluster_health says more). Where it is online: `{command} status {vmid}` there, and `systemctl restart pvestatd` if its list shows unknown states",
  check: ({ guest, nodes }) => {
    const node = nodes.find((entry) => entry.node === guest.node);
    const isDown = node !== undefined && !isOnline(node);
    if (!isDown && guest.status !== "unknown") return [];
    return found(guest, `${guestName(guest)} cannot be reached on node ${guest.node}`, {
      status: guest.status,
      node_status: node?.status ?? null,
    });
  },
});
