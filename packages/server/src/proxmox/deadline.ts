/** The time that a call may take, whatever it waits for. */

/** Ends with its caller's signal or by the clock, whichever comes first. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Milliseconds allowed in all. */
  readonly timeout: number;
  /** Whether the clock ended it. */
  isOver(): boolean;
  /** Milliseconds that are left. */
  left(): number;
  /** Must be called once the work is done: it frees timer and listener. */
  clear(): void;
}

export function startDeadline(timeout: number, caller?: AbortSignal): Deadline {
  const controller = new AbortController();
  const end = performance.now() + timeout;
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    controller.abort();
  }, timeout);
  const follow = () => controller.abort();
  if (caller?.aborted === true) follow();
  caller?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    timeout,
    isOver: () => over,
    left: () => end - performance.now(),
    clear: () => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", follow);
    },
  };
}
