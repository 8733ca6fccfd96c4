import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { endIfSignalled, letFinish, serveUntilEnd } from "../../src/runtime/ending.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("calls in flight have nine seconds, then they are given up and have a moment to say so", async () => {
  const giveUp = vi.fn();
  const outcome = letFinish(new Promise(() => {}), giveUp);
  await vi.advanceTimersByTimeAsync(8_999);
  expect(giveUp).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(giveUp).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(500);
  expect(await outcome).toBe(false);
});

test("nothing is waited for once they are done", async () => {
  const giveUp = vi.fn();
  expect(await letFinish(Promise.resolve(), giveUp)).toBe(true);
  expect(giveUp).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test("a signal that comes at the very moment when it begins to serve is heard", async () => {
  vi.useRealTimers();
  const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
  const later = vi.spyOn(globalThis, "setTimeout").mockReturnValue({ unref: vi.fn() } as never);
  const close = vi.fn(async () => {});
  endIfSignalled();
  // It waits to be told of by the event loop, which has no turn before the next line.
  process.kill(process.pid, "SIGTERM");
  const served = { gone: new Promise<void>(() => {}), drain: async () => {}, close };
  await serveUntilEnd(served, vi.fn(), vi.fn());
  expect(close).toHaveBeenCalledOnce();
  expect(exit).not.toHaveBeenCalled();
  later.mockRestore();
  exit.mockRestore();
});
