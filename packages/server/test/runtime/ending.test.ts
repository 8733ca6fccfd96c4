import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withinGrace } from "../../src/runtime/ending.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("calls in flight have ten seconds, and no more", async () => {
  const outcome = withinGrace(new Promise(() => {}));
  let isOver = false;
  void outcome.then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(9_999);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await outcome).toBe(false);
});

test("nothing is waited for once they are done", async () => {
  expect(await withinGrace(Promise.resolve())).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
