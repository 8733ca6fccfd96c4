import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findTokens, openEndOf } from "../src/find-tokens.ts";
import { KEY, sealer, sealerOf } from "./material.ts";
import { python } from "./vectors.ts";

const bound = await sealer.seal("one", "/a");
const unbound = await sealerOf(KEY, { bound: false }).seal("two", "/b");
const legacy = unbound.replace(/^enc:[^:]+:/, "enc:");
const newer = bound.replace(/^enc:[^:]+/, (head) => `${head.slice(0, -2)}I=`);
const FORMS = { bound, unbound, legacy, newer };
const TOKENS = Object.values(FORMS);

const found = (text: string) => [...findTokens(text)].map(({ token }) => token);

describe("finding tokens in a text", () => {
  it.each(Object.entries(FORMS))("finds a token that is %s", (_, token) => {
    expect([...findTokens(`# was: ${token}, once\n`)]).toEqual([{ token, start: 7 }]);
  });

  it("finds those that the Python tool wrote", () => {
    const tokens = python.map(({ token }) => token);
    expect(found(JSON.stringify(tokens))).toEqual(tokens);
  });

  it("finds each of many, whatever stands between them", () => {
    const between = fc.oneof(
      fc.constantFrom(" ", "\n", '"', ":", "enc:", "enc:Z", "ENC:", "=", "\\n", "enc:enc:"),
      fc.string({ unit: "binary" }).map((text) => `${text} `),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(between, fc.constantFrom(...TOKENS))), (parts) => {
        // A base64 character after a token without padding would belong to it.
        const text = parts.map(([before, token]) => `${before}${token},`).join("");
        expect(found(text)).toEqual(parts.map(([, token]) => token));
      }),
    );
  });

  it.each([
    ["prose", "values that begin with enc: are sealed"],
    ["a prefix in capitals", bound.replace("enc:", "ENC:")],
    ["a token cut short", bound.slice(0, -9)],
    ["a token without its padding", unbound.replace(/=+$/, "")],
    ["a salt of another length", bound.replace(/^enc:[^:]+/, "enc:AAAA")],
    ["base64 that holds something else", `enc:${"Z".repeat(160)}`],
    ["nothing", ""],
  ])("passes by %s", (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe("the open end of a text", () => {
  it("is where its last token may go on, so that pieces find what the whole holds", () => {
    const piece = fc.oneof(
      fc.constantFrom(...TOKENS, "enc:", "enc", "e", ":", "==", "Z", "\n", " "),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat({ max: 400 })), (pieces, cuts) => {
        const whole = pieces.join("");
        const tokens: string[] = [];
        let rest = "";
        let position = 0;
        for (const length of cuts) {
          const text = rest + whole.slice(position, position + length);
          position += length;
          const end = openEndOf(text);
          tokens.push(...found(text.slice(0, end)));
          rest = text.slice(end);
        }
        tokens.push(...found(rest + whole.slice(position)));
        expect(tokens).toEqual(found(whole));
      }),
      { numRuns: 1000 },
    );
  });

  it("is near the end of a text that goes on with no token", () => {
    for (const text of ["", "text", "e encode: ", "enc:Z ", `enc:${"A".repeat(99)}`]) {
      expect(openEndOf(text)).toBe(text.length);
    }
    expect(openEndOf("...enc")).toBe(3);
    expect(openEndOf(`...${bound}`)).toBe(3);
    expect(openEndOf(`...${bound}\n`)).toBe(bound.length + 4);
  });
});

describe("hostile texts", () => {
  const SIZE = 8_000_000;

  // Square time would take hours for each of them.
  it.each([
    ["prefixes alone", "enc:".repeat(SIZE / 4)],
    ["prefixes and one letter", "enc:Z".repeat(SIZE / 5)],
    ["one prefix and no end", `enc:${"Z".repeat(SIZE)}`],
    ["prefixes that run into each other", `${"Z".repeat(400)}enc:Z`.repeat(SIZE / 400)],
    ["prefixes cut short", "enc".repeat(SIZE / 3)],
    ["no prefix", "Z".repeat(SIZE)],
  ])("take linear time: %s", (_, text) => {
    expect(found(text)).toEqual([]);
    expect(openEndOf(text)).toBeLessThanOrEqual(text.length);
  });
});
