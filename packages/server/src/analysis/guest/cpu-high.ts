import { percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName, isRunning } from "../subject.ts";
import { found, type GuestFacts, guestRule } from "./facts.ts";

const THRESHOLD = { cpu_fraction: 0.9 } as const;

/** One moment; suggest_resource_optimization looks at a day. */
export const CPU_HIGH: Rule<GuestFacts> = guestRule({
  id: "guest.cpu-high",
  title: "The guest's processors are busy",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "see inside what runs; if it needs more: `{command} set {vmid} --cores NUMBER` on {node}, and for a virtual machine stop and start it",
  check: ({ guest }) =>
    !isRunning(guest) || guest.cpu === undefined || guest.cpu < THRESHOLD.cpu_fraction
      ? []
      : found(guest, `${guestName(guest)} uses ${percent(guest.cpu)} of its processors`, {
          cpu_fraction: rounded(guest.cpu),
          cpus: guest.maxcpu ?? null,
        }),
});
