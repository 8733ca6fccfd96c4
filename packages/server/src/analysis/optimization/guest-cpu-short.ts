import { percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type OptimizationFacts, optimizationRule } from "./facts.ts";

const THRESHOLD = { cpu_average_fraction: 0.8 } as const;

/** The average of a day, not a moment. */
export const GUEST_CPU_SHORT: Rule<OptimizationFacts> = optimizationRule({
  id: "guest.cpu-short",
  title: "A guest has kept its processors busy for a day",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "see inside what runs; if it is work, give it more: `{command} set {vmid} --cores NUMBER` on {node}; a virtual machine takes it at its next start",
  needs: ["loads"],
  check: ({ loads }) =>
    loads
      .filter(({ day }) => day.cpuAverage >= THRESHOLD.cpu_average_fraction)
      .map(({ guest, day }) =>
        found(
          guest,
          `${guestName(guest)} used ${percent(day.cpuAverage)} of its processors on average over ${day.hours} hours`,
          {
            cpu_average_fraction: rounded(day.cpuAverage),
            cpu_peak_fraction: rounded(day.cpuPeak),
            cpus: guest.maxcpu ?? null,
            measured_hours: day.hours,
          },
        ),
      ),
});
