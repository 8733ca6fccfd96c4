import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

export const STOPPED: Rule<GuestFacts> = guestRule({
  id: "guest.stopped",
  title: "The guest does not run",
  severity: "warning",
  threshold: null,
  remedy:
    "if it should run: `{command} start {vmid}` on {node}; what that prints, or the last tasks of the guest, say why it does not",
  check: ({ guest }) =>
    guest.status !== "stopped" || guest.template
      ? []
      : found(guest, `${guestName(guest)} is stopped`, { status: guest.status }),
});
