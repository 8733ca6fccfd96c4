import { describe, expect, it } from "vitest";
import { applyEdits } from "../../src/document/edit.ts";

describe("edits", () => {
  it("apply in the order of the text, whatever their own order", () => {
    const edits = [
      { start: 4, end: 4, replacement: "!" },
      { start: 0, end: 1, replacement: "AA" },
      { start: 2, end: 3, replacement: "" },
    ];
    expect(applyEdits("abcd", edits)).toBe("AAbd!");
    expect(edits[0]?.start).toBe(4);
  });

  it.each([
    [
      { start: 0, end: 2, replacement: "" },
      { start: 1, end: 3, replacement: "" },
    ],
    [{ start: 2, end: 1, replacement: "" }],
    [{ start: 0, end: 5, replacement: "" }],
    [{ start: -1, end: 1, replacement: "" }],
  ])("must neither overlap nor leave the text", (...edits) => {
    expect(() => applyEdits("abcd", edits)).toThrow(TypeError);
  });
});
