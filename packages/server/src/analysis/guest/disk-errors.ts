import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

const THRESHOLD = { failed_operations: 1 } as const;

/** Counted by QEMU since the machine was started. */
export const DISK_ERRORS: Rule<GuestFacts> = guestRule({
  id: "guest.disk-errors",
  title: "Reads or writes of a virtual disk failed",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "see what the storage says: `dmesg -T | tail` and `pvesm status` on {node}, `zpool status` or `ceph -s` where they are in use; then check the file system inside",
  needs: ["status"],
  check: ({ guest, status }) => {
    const failed = Object.entries(status.blockstat ?? {})
      .map(([slot, { failed_rd_operations: reads = 0, failed_wr_operations: writes = 0 }]) => ({
        slot,
        operations: reads + writes,
      }))
      .filter(({ operations }) => operations >= THRESHOLD.failed_operations)
      .sort((a, b) => (a.slot < b.slot ? -1 : 1));
    if (failed.length === 0) return [];
    const total = failed.reduce((sum, { operations }) => sum + operations, 0);
    const slots = failed.map(({ slot }) => slot).join(", ");
    return found(guest, `${guestName(guest)} had ${total} failed disk operations on ${slots}`, {
      failed_operations: total,
      disks: slots,
    });
  },
});
