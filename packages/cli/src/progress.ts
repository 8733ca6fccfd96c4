/** How far a long run is: a bar on a terminal, a line for each step elsewhere. */
import type { Io } from "./io.ts";

/** Hears how far a step is. */
export type Report = (step: Step, done: number, total: number) => void;
export type Step = "check" | "write" | "replace";

const WORDS: Readonly<Record<Step, string>> = {
  check: "Checking",
  write: "Writing",
  replace: "Replacing",
};
const WIDTH = 24;

/** Few files are done before anybody has read about them. */
const FEW = 8;

/**
 * Makes a report. It never throws: once files are being replaced, a terminal that went away is no
 * reason to stop.
 *
 * @param quiet for `--json`, whose readers wait for the one object.
 */
export function createReport({ stderr }: Pick<Io, "stderr">, quiet: boolean): Report {
  if (quiet) return () => undefined;
  const isTerminal = stderr.isTerminal;
  return (step, done, total) => {
    if (total <= FEW) return;
    try {
      if (isTerminal) stderr.write(bar(step, done, total));
      else if (done === 1) stderr.write(`${WORDS[step]} ${total} files\n`);
    } catch {
      // Nobody looks any more.
    }
  };
}

// The last one leaves an empty line behind, where the summary begins; what comes in between, an error
// or a question, begins at the left and covers it.
function bar(step: Step, done: number, total: number): string {
  if (done === total) return "\u001b[K";
  const filled = Math.floor((WIDTH * done) / total);
  const drawn = "#".repeat(filled).padEnd(WIDTH, ".");
  return `${WORDS[step]} [${drawn}] ${done}/${total}\u001b[K\r`;
}
