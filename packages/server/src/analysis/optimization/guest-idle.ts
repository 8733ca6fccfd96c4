import { percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { guestName } from "../subject.ts";
import { found, type OptimizationFacts, optimizationRule } from "./facts.ts";

const THRESHOLD = { cpu_average_fraction: 0.02, cpu_peak_fraction: 0.1 } as const;

/** Over a day: a low average, and no hour of work either. */
export const GUEST_IDLE: Rule<OptimizationFacts> = optimizationRule({
  id: "guest.idle",
  title: "A guest has done nothing for a day",
  severity: "info",
  threshold: THRESHOLD,
  remedy:
    "ask its owner; if nobody needs it: `{command} shutdown {vmid}` on {node}, and `{command} set {vmid} --onboot 0`",
  needs: ["loads"],
  check: ({ loads }) =>
    loads
      .filter(
        ({ day }) =>
          day.cpuAverage < THRESHOLD.cpu_average_fraction &&
          day.cpuPeak < THRESHOLD.cpu_peak_fraction,
      )
      .map(({ guest, day }) =>
        found(
          guest,
          `${guestName(guest)} used ${percent(day.cpuAverage)} of its processors over ${day.hours} hours, ${percent(day.cpuPeak)} at most`,
          {
            cpu_average_fraction: rounded(day.cpuAverage),
            cpu_peak_fraction: rounded(day.cpuPeak),
            cpus: guest.maxcpu ?? null,
            memory_bytes: guest.maxmem ?? null,
            measured_hours: day.hours,
          },
        ),
      ),
});
