import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

/** QEMU stops a machine whose disk cannot be written, so that nothing is lost. */
export const IO_ERROR: Rule<GuestFacts> = guestRule({
  id: "guest.io-error",
  title: "The virtual machine was stopped by a disk error",
  severity: "critical",
  threshold: null,
  remedy:
    "see to the storage of its disks first: full, or not reachable (`pvesm status` and `dmesg -T | tail` on {node}); then `qm resume {vmid}`",
  needs: ["status"],
  check: ({ guest, status }) =>
    status.qmpstatus !== "io-error"
      ? []
      : found(guest, `${guestName(guest)} stands still because of a disk error`, {
          qmp_status: status.qmpstatus,
        }),
});
