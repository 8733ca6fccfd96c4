import { fractionOf, percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { disksOf } from "./drives.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

const THRESHOLD = { space_fraction: 0.9 } as const;

/** A thin disk that cannot grow stops its machine. */
export const GUEST_STORAGE_FULL: Rule<GuestFacts> = guestRule({
  id: "guest.storage-full",
  title: "The guest's disks are on a storage that is nearly full",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "free space on {storage} (`pvesm list {storage}` on {node}), or move disks away: `qm disk move {vmid} DISK TARGET_STORAGE --delete 1`, for a container `pct move-volume {vmid} VOLUME TARGET_STORAGE --delete 1`",
  needs: ["config", "storages"],
  check: ({ guest, config, storages }) =>
    storages.flatMap(({ storage, status, disk, maxdisk }) => {
      const slots = disksOf(config).filter((drive) => drive.storage === storage);
      const fraction = fractionOf(disk, maxdisk);
      if (slots.length === 0 || status !== "available" || fraction === undefined) return [];
      if (fraction < THRESHOLD.space_fraction) return [];
      return found(
        guest,
        `Storage ${storage} with disks of ${guestName(guest)} is ${percent(fraction)} full`,
        {
          storage,
          disks: slots.map(({ slot }) => slot).join(", "),
          space_fraction: rounded(fraction),
          space_used_bytes: disk ?? null,
          space_bytes: maxdisk ?? null,
        },
        { storage },
      );
    }),
});
