import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { letFinish } from "../../src/runtime/ending.ts";

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
