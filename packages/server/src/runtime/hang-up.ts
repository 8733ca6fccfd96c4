/** SIGHUP, which would end the process if nobody listened. */

/** What was heard of it. */
export interface HangUps {
  /** Calls back for every SIGHUP, and at once if there was one before. @returns a function that ends that. */
  listen(listener: () => void): () => void;
}

/** Listens from now on: a reload may be asked for before there is anything to reload. */
export function hearHangUps(): HangUps {
  let isWaiting = false;
  const wait = (): void => {
    isWaiting = true;
  };
  let heard = wait;
  process.on("SIGHUP", () => heard());
  return {
    listen(listener) {
      heard = listener;
      if (isWaiting) listener();
      isWaiting = false;
      return () => {
        heard = wait;
      };
    },
  };
}
