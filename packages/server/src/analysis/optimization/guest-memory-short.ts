import { gibibytes, percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type OptimizationFacts, optimizationRule } from "./facts.ts";

const THRESHOLD = { memory_average_fraction: 0.9 } as const;

/** The average of a day, not a moment. */
export const GUEST_MEMORY_SHORT: Rule<OptimizationFacts> = optimizationRule({
  id: "guest.memory-short",
  title: "A guest has used nearly all of its memory for a day",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "see inside whether it is caches (`free -m`); if not, give it more: `{command} set {vmid} --memory MEBIBYTES` on {node}; a virtual machine takes it at its next start. One without a balloon driver always looks full",
  needs: ["loads"],
  check: ({ loads }) =>
    loads
      .filter(({ day }) => day.memoryAverage >= THRESHOLD.memory_average_fraction)
      .map(({ guest, day }) =>
        found(
          guest,
          `${guestName(guest)} used ${percent(day.memoryAverage)} of ${gibibytes(guest.maxmem ?? 0)} on average over ${day.hours} hours`,
          {
            memory_average_fraction: rounded(day.memoryAverage),
            memory_peak_fraction: rounded(day.memoryPeak),
            memory_bytes: guest.maxmem ?? null,
            measured_hours: day.hours,
          },
        ),
      ),
});
