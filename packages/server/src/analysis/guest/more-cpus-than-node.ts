import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

/** Proxmox refuses to start such a machine. */
export const MORE_CPUS_THAN_NODE: Rule<GuestFacts> = guestRule({
  id: "guest.more-cpus-than-node",
  title: "The virtual machine has more processors than its node",
  severity: "warning",
  threshold: null,
  remedy:
    "it will not start there: give it fewer (`qm set {vmid} --sockets 1 --cores {node_cpus}`), or move it to a larger node",
  check: ({ guest, nodes }) => {
    const cpus = nodes.find(({ node }) => node === guest.node)?.maxcpu;
    if (guest.type !== "qemu" || guest.maxcpu === undefined || cpus === undefined) return [];
    if (guest.maxcpu <= cpus) return [];
    return found(
      guest,
      `${guestName(guest)} has ${guest.maxcpu} processors, node ${guest.node} has ${cpus}`,
      { cpus: guest.maxcpu, node_cpus: cpus },
      { node_cpus: cpus },
    );
  },
});
