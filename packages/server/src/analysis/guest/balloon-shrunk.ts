import { fractionOf, percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName, isRunning } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

const THRESHOLD = { balloon_fraction: 0.9 } as const;

/** Its node is short of memory (from 80 % on) and takes some back. */
export const BALLOON_SHRUNK: Rule<GuestFacts> = guestRule({
  id: "guest.balloon-shrunk",
  title: "The node has taken memory back from the virtual machine",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "free memory on {node}: move guests away; or forbid it for this one: `qm set {vmid} --balloon 0`, then stop and start it",
  needs: ["status"],
  check: ({ guest, status }) => {
    const fraction = fractionOf(status.balloon, status.maxmem);
    if (!isRunning(guest) || fraction === undefined || status.balloon === 0) return [];
    if (fraction >= THRESHOLD.balloon_fraction) return [];
    return found(guest, `${guestName(guest)} is left ${percent(fraction)} of its memory`, {
      balloon_fraction: rounded(fraction),
      balloon_bytes: status.balloon ?? null,
      memory_bytes: status.maxmem ?? null,
    });
  },
});
