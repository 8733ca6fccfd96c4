/** Of which guests the day is worth asking for: each is one more call. */
import type { GuestResource } from "../../proxmox/resources.ts";
import { fractionOf } from "../measure.ts";
import { isRunning } from "../subject.ts";

/** So many days are asked for at most. */
export const MAX_CANDIDATES = 50;

// At first sight, more generous than the rules: the day decides.
const IDLE_CPU = 0.05;
const BUSY_CPU = 0.75;
const BUSY_MEMORY = 0.85;
const SPARE_MEMORY = 0.4;

/** Those to ask for, and how many more there would be. */
export interface Candidates {
  readonly chosen: readonly GuestResource[];
  readonly left: number;
}

/**
 * Half of the places are for guests that are short of something, half for those that leave most of
 * theirs unused, the largest first; what one half does not need goes to the other.
 */
export function candidatesOf(guests: readonly GuestResource[]): Candidates {
  const running = guests.filter(isRunning);
  const short = running.filter(isShort).toSorted(bySize);
  const idle = running.filter((guest) => !isShort(guest) && isIdle(guest)).toSorted(bySize);
  const half = MAX_CANDIDATES / 2;
  const forShort = Math.max(half, MAX_CANDIDATES - idle.length);
  const chosenShort = short.slice(0, forShort);
  const chosenIdle = idle.slice(0, MAX_CANDIDATES - chosenShort.length);
  const chosen = [...chosenShort, ...chosenIdle];
  return { chosen, left: short.length + idle.length - chosen.length };
}

function isShort({ cpu, mem, maxmem }: GuestResource): boolean {
  return (cpu ?? 0) >= BUSY_CPU || (fractionOf(mem, maxmem) ?? 0) >= BUSY_MEMORY;
}

function isIdle({ cpu, mem, maxmem }: GuestResource): boolean {
  return (cpu ?? 1) < IDLE_CPU || (fractionOf(mem, maxmem) ?? 1) < SPARE_MEMORY;
}

function bySize(a: GuestResource, b: GuestResource): number {
  return (b.maxmem ?? 0) - (a.maxmem ?? 0) || a.vmid - b.vmid;
}
