import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

const STATES: ReadonlySet<string | undefined> = new Set([
  "paused",
  "suspended",
  "prelaunch",
  "inmigrate",
  "postmigrate",
  "save-vm",
  "restore-vm",
]);

/** Its process is there, and its processors stand still. */
export const PAUSED: Rule<GuestFacts> = guestRule({
  id: "guest.paused",
  title: "The virtual machine is paused",
  severity: "warning",
  threshold: null,
  remedy: "if no backup, snapshot or migration of it is under way: `qm resume {vmid}` on {node}",
  needs: ["status"],
  check: ({ guest, status }) =>
    status.qmpstatus === undefined || !STATES.has(status.qmpstatus)
      ? []
      : found(guest, `${guestName(guest)} is in state ${status.qmpstatus}`, {
          qmp_status: status.qmpstatus,
        }),
});
