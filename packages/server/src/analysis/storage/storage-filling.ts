import type { Rule } from "../rule.ts";
import { fullness } from "../space.ts";
import { measuredStorages, type StorageFacts, storageRule } from "./facts.ts";
import { THRESHOLD as FULL } from "./storage-full.ts";

const THRESHOLD = { space_fraction: 0.8 } as const;

/** Up to where `storage.full` says it more urgently. */
export const STORAGE_FILLING: Rule<StorageFacts> = storageRule({
  id: "storage.filling",
  title: "A storage fills up",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "`pvesm list {storage}` on {node} shows what lies there. Prune backups (`pvesm prune-backups {storage} --dry-run 1 --keep-last 3` shows what would go), remove snapshots, or add space",
  needs: ["storages"],
  check: ({ storages }) =>
    measuredStorages(storages).flatMap((space) =>
      fullness(space, { from: THRESHOLD.space_fraction, below: FULL.space_fraction }),
    ),
});
