/** The load of a guest over a day, from what Proxmox recorded. */
import type { LoadPoint } from "../../proxmox/guest.ts";

/** Fractions of what the guest was given. */
export interface DayLoad {
  readonly cpuAverage: number;
  readonly cpuPeak: number;
  readonly memoryAverage: number;
  readonly memoryPeak: number;
  /** How long it ran within the day. */
  readonly hours: number;
}

// Shorter says nothing about a day.
const ENOUGH_HOURS = 20;

/**
 * @param points averages of equal intervals over a day, in any order.
 * @returns `undefined` where it did not run for most of the day.
 */
export function dayLoad(points: readonly LoadPoint[]): DayLoad | undefined {
  const sorted = points.toSorted((a, b) => a.time - b.time);
  const ran = sorted.flatMap(({ cpu, mem, maxmem }) =>
    cpu === undefined || mem === undefined || maxmem === undefined || maxmem <= 0
      ? []
      : [{ cpu, memory: mem / maxmem }],
  );
  const hours = ran.length * hoursBetween(sorted);
  if (hours < ENOUGH_HOURS) return undefined;
  const cpu = ran.map((point) => point.cpu);
  const memory = ran.map((point) => point.memory);
  return {
    cpuAverage: average(cpu),
    cpuPeak: Math.max(...cpu),
    memoryAverage: average(memory),
    memoryPeak: Math.max(...memory),
    hours: Math.round(hours),
  };
}

function hoursBetween(sorted: readonly LoadPoint[]): number {
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined || sorted.length < 2) return 0;
  return (last.time - first.time) / (sorted.length - 1) / 3600;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
