/** The fault sweep is run in shards, hours of them: none may leave out what no other one tries. */
import { describe, expect, test } from "vitest";
import { isIn, parseShard, partOfGroup, type Shard, WHOLE } from "./faults/shard.ts";

function shardsOf(of: number): readonly Shard[] {
  return Array.from({ length: of }, (_, index) => ({ number: index + 1, of }));
}

const NAMES = Array.from({ length: 500 }, (_, index) => `rename one/config.json #${index}`);

describe.each([1, 2, 7, 12, 13, 24, 100])("of %i shards", (of) => {
  test("each name is in exactly one", () => {
    for (const name of NAMES) {
      expect(shardsOf(of).filter((shard) => isIn(shard, name))).toHaveLength(1);
    }
  });

  test("each name of each group is in exactly one, and few shards begin many groups", () => {
    const groups = 12;
    for (let index = 0; index < groups; index += 1) {
      const parts = shardsOf(of).flatMap((shard) => partOfGroup(shard, index, groups) ?? []);
      for (const name of NAMES) {
        expect(parts.filter((part) => isIn(part, name))).toHaveLength(1);
      }
    }
    for (const shard of shardsOf(of)) {
      const begun = Array.from({ length: groups }, (_, index) => partOfGroup(shard, index, groups));
      const count = begun.filter((part) => part !== undefined).length;
      expect(count).toBeLessThanOrEqual(Math.ceil(groups / of));
    }
  });
});

test("a shard is read, and no shard is the whole sweep", () => {
  expect(parseShard("3/12")).toEqual({ number: 3, of: 12 });
  expect(parseShard(undefined)).toEqual(WHOLE);
  expect(parseShard("")).toEqual(WHOLE);
});

test.each(["0/12", "13/12", "3", "3/", "a/b", "3/12/1", "-1/2", " 3/12", "1.5/3"])(
  "%j is no shard",
  (text) => {
    expect(() => parseShard(text)).toThrow(RangeError);
  },
);
