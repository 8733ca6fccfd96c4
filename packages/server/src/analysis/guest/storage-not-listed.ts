import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { drivesOf } from "./drives.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

/** Proxmox leaves out what is disabled, not for this node, or not to be seen by this token. */
export const STORAGE_NOT_LISTED: Rule<GuestFacts> = guestRule({
  id: "guest.storage-not-listed",
  title: "The guest needs a storage that its node does not list",
  severity: "warning",
  threshold: null,
  remedy:
    "see whether it exists, is enabled and is for {node}: `pvesh get /storage/{storage}`. It may also be that this token lacks Datastore.Audit on /storage/{storage}",
  needs: ["config", "storages"],
  check: ({ guest, config, storages }) => {
    // A node that is down lists nothing that could be compared.
    if (storages.length === 0) return [];
    return drivesOf(config).flatMap(({ slot, storage, volume }) => {
      if (storage === undefined || storages.some((entry) => entry.storage === storage)) return [];
      return found(
        guest,
        `${slot} of ${guestName(guest)} is on storage ${storage}, which node ${guest.node} does not list`,
        { slot, volume, storage },
        { storage },
      );
    });
  },
});
