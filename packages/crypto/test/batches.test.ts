import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { inBatches } from "../src/batches.ts";

const ITEMS = Array.from({ length: 1000 }, (_, index) => index);

describe("work in batches", () => {
  it("gives the results in the order of the items, whichever is done first", async () => {
    const results = await inBatches(ITEMS, async (item) => {
      if (item % 2 === 0) await setImmediate();
      return item * 2;
    });
    expect(results).toEqual(ITEMS.map((item) => item * 2));
  });

  it("does several items at once, and never all of many", async () => {
    let running = 0;
    let most = 0;
    await inBatches(ITEMS, async () => {
      running += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
    });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThan(ITEMS.length / 10);
  });

  it("fails as the item did, and begins no batch after it", async () => {
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      if (item === 0) throw new Error("the first");
    };
    await expect(inBatches(ITEMS, work)).rejects.toThrow("the first");
    expect(begun.length).toBeLessThan(ITEMS.length / 10);
  });

  it("has nothing to do for no items", async () => {
    expect(await inBatches([], async () => "never")).toEqual([]);
  });
});
