import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

export const HA_ERROR: Rule<GuestFacts> = guestRule({
  id: "guest.ha-error",
  title: "HA has given the guest up",
  severity: "critical",
  threshold: null,
  remedy:
    "mend what made it fail, then leave the error state: `ha-manager set {sid} --state disabled`, and once it is stopped `ha-manager set {sid} --state started`",
  check: ({ guest, status }) => {
    const state = status?.ha?.state ?? guest.hastate;
    if (state !== "error") return [];
    const sid = `${guest.type === "qemu" ? "vm" : "ct"}:${guest.vmid}`;
    return found(guest, `${guestName(guest)} is in HA state error`, { ha_state: state }, { sid });
  },
});
