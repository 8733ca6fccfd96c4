import type { Rule } from "../rule.ts";
import { fullness } from "../space.ts";
import { measuredStorages, type StorageFacts, storageRule } from "./facts.ts";

export const THRESHOLD: { readonly space_fraction: number } = { space_fraction: 0.9 };

/** Guests whose disks cannot grow stop with an I/O error. */
export const STORAGE_FULL: Rule<StorageFacts> = storageRule({
  id: "storage.full",
  title: "A storage is nearly full",
  severity: "critical",
  threshold: THRESHOLD,
  remedy:
    "free space now: `pvesm list {storage}` on {node} shows what lies there; remove backups and unused disks, or move disks away: `qm disk move VMID DISK TARGET_STORAGE --delete 1`",
  needs: ["storages"],
  check: ({ storages }) =>
    measuredStorages(storages).flatMap((space) =>
      fullness(space, { from: THRESHOLD.space_fraction }),
    ),
});
