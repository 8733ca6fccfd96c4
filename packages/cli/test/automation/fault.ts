/** What can go wrong at a point of a run. */

/**
 * `fail` and `kill` come before a program does anything, the others after it has done all of it. `hang`
 * is `kill` as a runner does it that loses patience.
 */
export type FaultKind = "fail" | "fail-after" | "kill" | "kill-after" | "hang";

export const FAULT_KINDS: readonly FaultKind[] = [
  "fail",
  "fail-after",
  "kill",
  "kill-after",
  "hang",
];

/** A fault at one point of a run. */
export interface Fault {
  /** The name of a call, or of a moment between two steps. */
  readonly label: string;
  readonly kind: FaultKind;
}
