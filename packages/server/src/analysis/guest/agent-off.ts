import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";
import { isOn } from "./options.ts";

/** Without it Proxmox can neither freeze its file systems for a backup nor run commands in it. */
export const AGENT_OFF: Rule<GuestFacts> = guestRule({
  id: "guest.agent-off",
  title: "No guest agent is configured",
  severity: "info",
  threshold: null,
  remedy:
    "install qemu-guest-agent inside, then `qm set {vmid} --agent enabled=1` on {node} and stop and start the machine",
  needs: ["config"],
  check: ({ guest, config }) =>
    guest.type !== "qemu" || guest.template || isOn(config, "agent")
      ? []
      : found(guest, `${guestName(guest)} has no guest agent configured`, {
          agent_configured: false,
        }),
});
