import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { endWithin } from "../../src/end.ts";
import { LONGEST_END } from "../../src/runtime/ending.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("the process ends within ten seconds, whatever hangs", async () => {
  const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
  endWithin(LONGEST_END, 0);
  await vi.advanceTimersByTimeAsync(9_800);
  expect(exit).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(200);
  expect(exit).toHaveBeenCalledWith(0);
});
