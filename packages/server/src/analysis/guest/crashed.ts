import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

const STATES: ReadonlySet<string | undefined> = new Set([
  "internal-error",
  "guest-panicked",
  "watchdog",
]);

export const CRASHED: Rule<GuestFacts> = guestRule({
  id: "guest.crashed",
  title: "The virtual machine has crashed",
  severity: "critical",
  threshold: null,
  remedy:
    "keep what its console shows, then `qm reset {vmid}`, or `qm stop {vmid}` and `qm start {vmid}` on {node}; `journalctl -t QEMU -t kernel` there may say why",
  needs: ["status"],
  check: ({ guest, status }) =>
    status.qmpstatus === undefined || !STATES.has(status.qmpstatus)
      ? []
      : found(guest, `${guestName(guest)} is in state ${status.qmpstatus}`, {
          qmp_status: status.qmpstatus,
        }),
});
