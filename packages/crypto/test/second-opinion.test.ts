import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { SecondOpinion } from "../src/second-opinion.ts";
import { createSecondOpinion } from "../src/second-opinion.ts";
import { createSealer } from "../src/secret.ts";
import { deriver, KEY, OTHER_KEY, repeatable, sealer, sealerOf } from "./material.ts";
import { refusal } from "./refusal.ts";

const HERE = "/auth/token_value";

describe("the second opinion", () => {
  let confirm: SecondOpinion;

  beforeAll(async () => {
    confirm = await sealer.secondOpinion();
  });

  it.each([
    ["the empty text", ""],
    ["a NUL", "\0"],
    ["a NUL in the middle", "a\0b"],
    ["a byte order mark first", "\uFEFFvalue"],
    ["a byte order mark alone", "\uFEFF"],
    ["umlauts, Chinese and a padlock", "pässwörd-密码-🔐"],
    ["the last character of Unicode", "\u{10FFFF}"],
    ["a noncharacter", "\uFFFE\uFFFF"],
    ["a full block", "sixteen-bytes-xx"],
    ["line ends", "line one\nline two\r\n\ttab"],
    ["a megabyte", "x".repeat(1_000_000)],
    ["percent signs", "%00%ff%zz%"],
  ])("agrees about %s", async (_, text) => {
    const token = await sealer.seal(text, HERE);
    expect(() => confirm(token, text, HERE)).not.toThrow();
  });

  it("agrees about any text, bound or not", async () => {
    const unbound = sealerOf(KEY, { bound: false });
    const text = fc.string({ unit: "binary", maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (value, isBound) => {
        const by = isBound ? sealer : unbound;
        const opinion = isBound ? confirm : await unbound.secondOpinion();
        opinion(await by.seal(value, HERE), value, HERE);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["another text", "value", "valu3"],
    ["a longer text", "value", "value "],
    ["the empty text", "value", ""],
    ["a text for the empty one", "", "value"],
    ["another normal form", "\u00e9", "e\u0301"],
  ])("refuses %s", async (_, sealed, claimed) => {
    const token = await sealer.seal(sealed, HERE);
    const error = await refusal("UNEXPECTED", () => confirm(token, claimed, HERE));
    expect(error.where).toEqual({ location: HERE });
    expect(error.hint).toMatch(/nothing was written/);
  });

  it("refuses a token of another key", async () => {
    const token = await sealerOf(OTHER_KEY).seal("value", HERE);
    await refusal("UNEXPECTED", () => confirm(token, "value", HERE));
  });

  it("opens tokens of any age, past and to come", async () => {
    for (const year of [1971, 2100]) {
      const aged = createSealer({
        key: KEY,
        random: repeatable("salt"),
        now: () => new Date(Date.UTC(year, 0)),
        deriver,
      });
      const token = await aged.seal("value", HERE);
      expect(() => confirm(token, "value", HERE)).not.toThrow();
    }
  });

  it("is loaded once for a sealer", async () => {
    expect(await sealer.secondOpinion()).toBe(confirm);
    sealer.prepare();
    expect(await sealer.secondOpinion()).toBe(confirm);
  });

  it("passes on why no key was derived", async () => {
    const failing = Promise.reject(new RangeError("no memory"));
    await expect(createSecondOpinion(failing)).rejects.toThrow(RangeError);
  });
});
