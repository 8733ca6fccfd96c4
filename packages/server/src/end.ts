/** How the process ends. */

/** Milliseconds after which what still holds the process is left behind. */
const PATIENCE = 1000;

/**
 * Ends the process.
 *
 * @param when `drained`: once all output is written and nothing is left to do; `now`: at once, after
 * a failure that nobody expected.
 */
export function endProcess(status: number, when: "drained" | "now"): void {
  process.exitCode = status;
  // biome-ignore lint/plugin: nothing can be trusted any more, and nothing is left to wait for
  const exit = (): never => process.exit(status);
  if (when === "now") exit();
  else setTimeout(exit, PATIENCE).unref();
}
