import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonText, lazyList } from "../src/json-text.ts";

function joined(value: object): string {
  return [...jsonText(value)].join("");
}

test("is what JSON.stringify makes of any object, with an indent of two and a line feed", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(joined(value)).toBe(`${JSON.stringify(value, undefined, 2)}\n`);
    }),
  );
});

test("leaves out what is undefined, and writes null for it in a list", () => {
  const value = { a: undefined, b: [undefined, { c: undefined }], d: "two\nlines" };
  expect(joined(value)).toBe(`${JSON.stringify(value, undefined, 2)}\n`);
});

test("writes a lazy list like any other, empty or not", () => {
  for (const items of [[], [1], [1, 2, 3]]) {
    const jsonOf = (item: number) => ({ item, nested: [item, { item }] });
    const lazy = { before: 1, list: lazyList(items, jsonOf), after: 2 };
    expect(joined(lazy)).toBe(joined({ ...lazy, list: items.map(jsonOf) }));
  }
});

test("makes an item only when its turn comes, so that a long list needs no memory", () => {
  let made = 0;
  const items = Array.from({ length: 10_000 }, (_, index) => index);
  const jsonOf = (item: number) => {
    made += 1;
    return { item, text: "x".repeat(100) };
  };
  const pieces = jsonText({ list: lazyList(items, jsonOf) });
  const first = pieces.next().value;
  expect(made).toBeLessThan(1000);
  const rest = [...pieces];
  expect(made).toBe(10_000);
  for (const piece of [first, ...rest]) expect(piece?.length).toBeLessThan(100_000);
});

test("is one piece where it is short: a reader that waits for a line gets all of it", () => {
  expect([...jsonText({ a: 1, list: [1, 2] })]).toHaveLength(1);
});
