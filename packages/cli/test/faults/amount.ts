/** How much a run of the suites does: everything with `--mode full`, else a sample. */
import { it } from "vitest";

/** Whether every point is tried. */
export const isFull: boolean = process.env["PROXMOX_MCP_FAULTS"] === "full";

/** A sample's size, or no limit. */
export function atMost(count: number): number {
  return isFull ? Number.POSITIVE_INFINITY : count;
}

/** Says on the terminal how much was tried of what there is. */
export function report(
  what: string,
  tried: number,
  known: number,
  missed: readonly string[],
): void {
  const misses =
    missed.length === 0 ? "" : `, ${missed.length} not hit: ${missed.slice(0, 5).join("; ")}`;
  process.stdout.write(`${what}: ${tried} of ${known} points${misses}\n`);
}

/**
 * How many of so many points a run may miss: the runtime's own calls, of which it makes sometimes more
 * and sometimes fewer, are counted with the others.
 */
export function mayMiss(count: number): number {
  return Math.max(1, count / 10);
}

/** Milliseconds that a test of many runs may take: only what hangs may fail by the clock. */
export const LONG: number = 6 * 60 * 60_000;

/** Declares a skipped test for a suite that cannot run, and says so on the terminal. */
export function sayWhyNot(obstacle: string | undefined): void {
  if (obstacle === undefined) return;
  const what = `FAULT SUITE NOT RUN: ${obstacle}`;
  process.stdout.write(`${what}\n`);
  it.skip(what);
}
