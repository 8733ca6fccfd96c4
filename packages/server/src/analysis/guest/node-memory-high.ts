import { fractionOf, percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

const THRESHOLD = { node_memory_fraction: 0.9 } as const;

/** A guest suffers with its node: balloons shrink, starts fail. */
export const GUEST_NODE_MEMORY_HIGH: Rule<GuestFacts> = guestRule({
  id: "guest.node-memory-high",
  title: "The guest's node is short of memory",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "move it, or another guest, to a node with room: `{command} migrate {vmid} TARGET {how}` on {node}",
  needs: ["nodes"],
  check: ({ guest, nodes }) => {
    const node = nodes.find((entry) => entry.node === guest.node);
    const fraction = fractionOf(node?.mem, node?.maxmem);
    if (fraction === undefined || fraction < THRESHOLD.node_memory_fraction) return [];
    return found(
      guest,
      `Node ${guest.node} of ${guestName(guest)} uses ${percent(fraction)} of its memory`,
      {
        node_memory_fraction: rounded(fraction),
        node_memory_used_bytes: node?.mem ?? null,
        node_memory_bytes: node?.maxmem ?? null,
      },
      { how: guest.type === "qemu" ? "--online" : "--restart" },
    );
  },
});
