/** The signal that ends a call. */

/** A signal that follows others. */
export interface CallSignal {
  readonly signal: AbortSignal;
  /** Must be called once the call is over: the signals that it follows may live as long as the server. */
  release(): void;
}

/** Makes a signal that is aborted with the first of others. */
export function followSignals(...signals: readonly AbortSignal[]): CallSignal {
  const controller = new AbortController();
  const follow = (): void => controller.abort();
  for (const signal of signals) {
    if (signal.aborted) follow();
    signal.addEventListener("abort", follow, { once: true });
  }
  return {
    signal: controller.signal,
    release() {
      for (const signal of signals) signal.removeEventListener("abort", follow);
    },
  };
}
