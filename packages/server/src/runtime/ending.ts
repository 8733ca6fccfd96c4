/** When the server ends, and how much time it then has. */

/** Milliseconds after which the process ends whatever it waits for; with its own end, ten seconds. */
export const LONGEST_END = 9_900;

/** Milliseconds that calls in flight have to finish. */
const GRACE = 9_000;

/** Milliseconds that those which were given up have to say so. */
const LAST_WORDS = 500;

/** Why the server ends. */
export type Ending = "SIGTERM" | "SIGINT" | "the client is gone";

/**
 * Waits until the server is asked to end. A second signal of the same kind ends the process at once.
 *
 * @param gone settles once nobody is left to serve.
 */
export async function waitForEnding(gone: Promise<void>): Promise<Ending> {
  return await new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => resolve(signal));
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
