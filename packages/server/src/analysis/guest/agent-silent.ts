import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

/** Shutdown, snapshots and commands wait for an agent that is not there. */
export const AGENT_SILENT: Rule<GuestFacts> = guestRule({
  id: "guest.agent-silent",
  title: "The guest agent is configured and does not answer",
  severity: "warning",
  threshold: null,
  remedy:
    "inside: install qemu-guest-agent and `systemctl enable --now qemu-guest-agent` (Windows: the virtio-win guest tools). Where the option was set only now, stop and start the machine. `qm agent {vmid} ping` on {node} tests it",
  needs: ["agentAnswers"],
  check: ({ guest, agentAnswers }) =>
    agentAnswers
      ? []
      : found(guest, `The guest agent of ${guestName(guest)} does not answer`, {
          agent_configured: true,
          agent_answers: false,
        }),
});
