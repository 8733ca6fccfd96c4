import type { Rule } from "../rule.ts";
import { guestName, isRunning } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";
import { isOn } from "./options.ts";

/** HA starts its guests itself. */
export const ONBOOT_OFF: Rule<GuestFacts> = guestRule({
  id: "guest.onboot-off",
  title: "The guest runs, and would not after a restart of its node",
  severity: "info",
  threshold: null,
  remedy: "if it should: `{command} set {vmid} --onboot 1` on {node}",
  needs: ["config"],
  check: ({ guest, config, status }) =>
    !isRunning(guest) ||
    isOn(config, "onboot") ||
    guest.hastate !== undefined ||
    status?.ha?.managed === true
      ? []
      : found(guest, `${guestName(guest)} does not start with its node`, { onboot: false }),
});
