/** When the server ends, and how much time it then has. */
import { endProcess, endWithin } from "../end.ts";
import type { Log } from "../log/log.ts";

/** Milliseconds after which the process ends whatever it waits for; with its own end, ten seconds. */
export const LONGEST_END = 9_900;

/** Milliseconds that calls in flight have to finish. */
const GRACE = 9_000;

/** Milliseconds that those which were given up have to say so. */
const LAST_WORDS = 500;

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Why the server ends. */
type Ending = (typeof SIGNALS)[number] | "the client is gone";

/** Something that serves clients. */
export interface Served {
  /** Settles once nobody is left to serve. */
  readonly gone: Promise<void>;
  /** Takes nothing more, and settles once all that it took is answered. */
  drain(): Promise<void>;
  /** Ends it, whatever is left. */
  close(): Promise<void>;
}

/**
 * Lets signals end the process until it serves: nothing is to be finished then. The first process of a
 * container, which most images make of the server, would not hear them otherwise.
 */
export function endIfSignalled(): void {
  for (const signal of SIGNALS) process.on(signal, endAtOnce);
}

function endAtOnce(): void {
  endProcess(0, "now");
}

/**
 * Waits until the server is asked to end, lets calls in flight finish, and ends it.
 *
 * @param giveUp ends the calls that still run.
 */
export async function serveUntilEnd(served: Served, giveUp: () => void, log: Log): Promise<void> {
  const ending = await waitForEnding(served.gone);
  endWithin(LONGEST_END, 0);
  log("debug", "the server waits for calls in flight", { ending });
  const finished = await letFinish(served.drain(), giveUp);
  log("info", "the server ends", { ending, ...(finished ? {} : { given_up: "calls in flight" }) });
  await served.close();
}

/**
 * Waits until the server is asked to end. A second signal of the same kind ends the process at once.
 */
async function waitForEnding(gone: Promise<void>): Promise<Ending> {
  return await new Promise((resolve) => {
    for (const signal of SIGNALS) {
      process.once(signal, () => resolve(signal));
      // Second, since a signal that nobody listens to for a moment would be lost if it had just come.
      process.off(signal, endAtOnce);
    }
    void gone.then(() => resolve("the client is gone"));
  });
}

/**
 * Waits for calls in flight, nine seconds at most. Then they are given up, and their answers are
 * waited for a moment longer.
 *
 * @param giveUp ends the calls that still run.
 * @returns whether all of them finished.
 */
export async function letFinish(answered: Promise<void>, giveUp: () => void): Promise<boolean> {
  if (await within(GRACE, answered)) return true;
  giveUp();
  await within(LAST_WORDS, answered);
  return false;
}

async function within(milliseconds: number, finished: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([finished.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
