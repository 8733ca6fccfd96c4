import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

export const NOT_IN_BACKUP_JOB: Rule<GuestFacts> = guestRule({
  id: "guest.not-backed-up",
  title: "No backup job covers the guest",
  severity: "warning",
  threshold: null,
  remedy:
    "add it to a job (Datacenter, Backup); once by hand: `vzdump {vmid} --storage STORAGE --mode snapshot` on {node}",
  needs: ["isInBackupJob"],
  check: ({ guest, isInBackupJob }) =>
    isInBackupJob || guest.template
      ? []
      : found(guest, `No backup job covers ${guestName(guest)}`, { in_backup_job: false }),
});
