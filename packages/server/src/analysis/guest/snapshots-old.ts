import { counted } from "../../counted.ts";
import { daysBetween } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

const THRESHOLD = { age_days: 30 } as const;

/** A snapshot is no backup: it grows, slows its disk down, and dies with it. */
export const SNAPSHOTS_OLD: Rule<GuestFacts> = guestRule({
  id: "guest.snapshots-old",
  title: "The guest has old snapshots",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "remove those that nobody goes back to: `{command} listsnapshot {vmid}` on {node}, then `{command} delsnapshot {vmid} {snapshot}`",
  needs: ["snapshots"],
  check: ({ guest, snapshots, now }) => {
    const old = snapshots
      .flatMap(({ name, snaptime }) =>
        snaptime === undefined ? [] : [{ name, days: daysBetween(snaptime, now) }],
      )
      .filter(({ days }) => days > THRESHOLD.age_days)
      .sort((a, b) => b.days - a.days || (a.name < b.name ? -1 : 1));
    const [oldest] = old;
    if (oldest === undefined) return [];
    return found(
      guest,
      `${guestName(guest)} has ${counted(old.length, "snapshot")} older than ${THRESHOLD.age_days} days, the oldest is ${oldest.name} of ${oldest.days} days`,
      { snapshots: old.length, oldest: oldest.name, age_days: oldest.days },
      { snapshot: oldest.name },
    );
  },
});
