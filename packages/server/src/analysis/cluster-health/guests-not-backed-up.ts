import { counted } from "../../counted.ts";
import { listed } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

/** One finding for all: jobs are written for many guests at once. */
export const GUESTS_NOT_BACKED_UP: Rule<ClusterHealthFacts> = clusterRule({
  id: "cluster.guests-not-backed-up",
  title: "Guests that no backup job covers",
  severity: "warning",
  threshold: null,
  remedy:
    "add them to a job (Datacenter, Backup), or write one for all: `pvesh create /cluster/backup --schedule 02:30 --storage STORAGE --all 1 --mode snapshot`",
  needs: ["notBackedUp"],
  check: ({ notBackedUp }) => {
    if (notBackedUp.length === 0) return [];
    const ids = notBackedUp.map(({ vmid }) => vmid).sort((a, b) => a - b);
    return [
      {
        subject: "cluster",
        summary: `No backup job covers ${counted(ids.length, "guest")}: ${listed(ids)}`,
        evidence: { guests: ids.length, guest_ids: listed(ids) },
      },
    ];
  },
});
