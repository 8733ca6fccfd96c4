import { describe, expect, it } from "vitest";
import { placesOf } from "../../src/document/place.ts";

describe("the place of an offset", () => {
  it.each([
    { text: "ab\ncd", offset: 0, line: 1, column: 1 },
    { text: "ab\ncd", offset: 2, line: 1, column: 3 },
    { text: "ab\ncd", offset: 3, line: 2, column: 1 },
    { text: "ab\ncd", offset: 5, line: 2, column: 3 },
    { text: "ab\r\ncd", offset: 4, line: 2, column: 1 },
    { text: "ab\rcd", offset: 3, line: 2, column: 1 },
    { text: "\n\r\n\r\rx", offset: 5, line: 5, column: 1 },
    { text: "\uFEFFab", offset: 0, line: 1, column: 1 },
    { text: "\uFEFFab", offset: 1, line: 1, column: 1 },
    { text: "\uFEFFab\nc", offset: 4, line: 2, column: 1 },
    { text: "\u{1f510}x", offset: 2, line: 1, column: 3 },
    { text: "", offset: 0, line: 1, column: 1 },
  ])("counts $text at $offset as $line:$column", ({ text, offset, line, column }) => {
    expect(placesOf(text)(offset)).toEqual({ line, column });
  });

  it("agrees with counting line by line", () => {
    const text = Array.from({ length: 999 }, (_, index) => "x".repeat(index % 7)).join("\n");
    const placeAt = placesOf(text);
    let offset = 0;
    for (const [index, line] of text.split("\n").entries()) {
      expect(placeAt(offset)).toEqual({ line: index + 1, column: 1 });
      offset += line.length + 1;
    }
  });
});
