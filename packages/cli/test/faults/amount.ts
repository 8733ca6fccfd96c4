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

/** Milliseconds that a test of many runs may take: only what hangs may fail by the clock. */
export const LONG: number = 6 * 60 * 60_000;

/** Declares a skipped test for a suite that cannot run, and says so on the terminal. */
export function sayWhyNot(obstacle: string | undefined): void {
  if (obstacle === undefined) return;
  const what = `FAULT SUITE NOT RUN: ${obstacle}`;
  process.stdout.write(`${what}\n`);
  it.skip(what);
}
