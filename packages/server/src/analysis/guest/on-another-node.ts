import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

/** Guests move; the node that was asked for is where it was. */
export const ON_ANOTHER_NODE: Rule<GuestFacts> = guestRule({
  id: "guest.on-another-node",
  title: "The guest is not on the node that was asked for",
  severity: "info",
  threshold: null,
  remedy: "nothing to mend: this is about the guest on {node}. Ask for that node from now on",
  check: ({ guest, askedNode }) =>
    askedNode === undefined || askedNode === guest.node
      ? []
      : found(guest, `${guestName(guest)} is on node ${guest.node}, not on ${askedNode}`, {
          node: guest.node,
          node_asked_for: askedNode,
        }),
});
