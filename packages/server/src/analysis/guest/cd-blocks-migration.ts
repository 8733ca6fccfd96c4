import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { drivesOf } from "./drives.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

/** Another node does not have the image: migration is refused. */
export const CD_BLOCKS_MIGRATION: Rule<GuestFacts> = guestRule({
  id: "guest.cd-blocks-migration",
  title: "A CD image on a local storage keeps the virtual machine on its node",
  severity: "info",
  threshold: null,
  remedy: "take it out: `qm set {vmid} --{slot} none,media=cdrom` on {node}",
  needs: ["config", "storages"],
  check: ({ guest, config, storages, nodes }) => {
    if (nodes.length < 2) return [];
    return drivesOf(config).flatMap(({ slot, volume, storage, isCd }) => {
      const entry = storages.find((candidate) => candidate.storage === storage);
      const isPath = volume.startsWith("/") || volume === "cdrom";
      if (!isCd || !(isPath || entry?.shared === false)) return [];
      return found(
        guest,
        `${guestName(guest)} has ${volume} in ${slot}, which only node ${guest.node} has`,
        { slot, volume, storage: storage ?? null },
        { slot },
      );
    });
  },
});
