/** When the server ends, and how much time it then has. */

/** Milliseconds that calls in flight have to finish. */
const GRACE = 10_000;

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

/** Waits for calls in flight, ten seconds at most. @returns whether all of them finished. */
export async function withinGrace(finished: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), GRACE);
  });
  try {
    return await Promise.race([finished.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
