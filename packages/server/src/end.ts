/** How the process ends. */

/** Milliseconds after which what still holds the process is left behind. */
const PATIENCE = 1000;

/** Ends the process after so many milliseconds at the latest, whatever holds it then. */
export function endWithin(milliseconds: number, status: number): void {
  // biome-ignore lint/plugin: what holds it was waited for long enough
  setTimeout(() => process.exit(status), milliseconds).unref();
}

/**
 * Ends the process.
 *
 * @param when `drained`: once all output is written and nothing is left to do; `now`: at once, after
 * a failure that nobody expected, or where nothing was begun. Neither waits longer than a second.
 */
export function endProcess(status: number, when: "drained" | "now"): void {
  process.exitCode = status;
  // biome-ignore lint/plugin: nothing can be trusted any more, and nothing is left to wait for
  const exit = (): never => process.exit(status);
  setTimeout(exit, PATIENCE).unref();
  // What the log has said of the failure goes out first, where its reader is behind.
  if (when === "now" && process.stderr.writableLength > 0) process.stderr.write("", exit);
  else if (when === "now") exit();
}
