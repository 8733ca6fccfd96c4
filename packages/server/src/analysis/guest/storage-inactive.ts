import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { drivesOf } from "./drives.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

/** A disk or CD image is on a storage that its node cannot use now. */
export const GUEST_STORAGE_INACTIVE: Rule<GuestFacts> = guestRule({
  id: "guest.storage-inactive",
  title: "The guest needs a storage that is not active",
  severity: "critical",
  threshold: null,
  remedy:
    "see what the node says: `pvesm status --storage {storage}` and `journalctl -u pvestatd -n 50` on {node}. For a CD image: `qm set {vmid} --{slot} none,media=cdrom` does without",
  needs: ["config", "storages"],
  check: ({ guest, config, storages }) =>
    drivesOf(config).flatMap(({ slot, storage, volume }) => {
      const entry = storages.find((candidate) => candidate.storage === storage);
      if (entry === undefined || entry.status === "available") return [];
      return found(
        guest,
        `${slot} of ${guestName(guest)} is on storage ${entry.storage}, which is not active on node ${guest.node}`,
        { slot, volume, storage: entry.storage, storage_status: entry.status },
        { storage: entry.storage, slot },
      );
    }),
});
