import { gibibytes, percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type OptimizationFacts, optimizationRule } from "./facts.ts";

const THRESHOLD = { memory_peak_fraction: 0.4, memory_bytes: 2 * 1024 ** 3 } as const;

/** Small guests are left alone: there is little to gain. */
export const GUEST_MEMORY_UNUSED: Rule<OptimizationFacts> = optimizationRule({
  id: "guest.memory-unused",
  title: "A guest of 2 GiB or more has left most of its memory unused for a day",
  severity: "info",
  threshold: THRESHOLD,
  remedy:
    "give it less: `{command} set {vmid} --memory MEBIBYTES` on {node}, half of it to begin with; a virtual machine takes it at its next start",
  needs: ["loads"],
  check: ({ loads }) =>
    loads
      .filter(
        ({ guest, day }) =>
          (guest.maxmem ?? 0) >= THRESHOLD.memory_bytes &&
          day.memoryPeak < THRESHOLD.memory_peak_fraction,
      )
      .map(({ guest, day }) =>
        found(
          guest,
          `${guestName(guest)} used at most ${percent(day.memoryPeak)} of ${gibibytes(guest.maxmem ?? 0)} over ${day.hours} hours`,
          {
            memory_peak_fraction: rounded(day.memoryPeak),
            memory_average_fraction: rounded(day.memoryAverage),
            memory_bytes: guest.maxmem ?? null,
            measured_hours: day.hours,
          },
        ),
      ),
});
