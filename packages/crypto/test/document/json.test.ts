import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/document/document.ts";
import { openDocument } from "../../src/document/open.ts";
import { ProxmoxMcpError } from "../../src/errors.ts";
import { refusal } from "../refusal.ts";
import { dataAt, editable, replaceOne, stepsOf, valueAt } from "./editing.ts";
import { anyText } from "./texts.ts";

const open = (text: string) => openDocument(text, { format: "json", file: "config.json" });

const blank = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r\n"), maxLength: 3 });
const spelledString = fc.tuple(anyText, fc.boolean()).map(([text, escaped]) => {
  if (!escaped) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
});
const spelledKey = spelledString;
const leaf = fc.oneof(
  { weight: 4, arbitrary: spelledString },
  fc.constantFrom("true", "false", "null", "0", "-0.0", "1e5", "12345678901234567890", "1E-7"),
);

/** JSON with absurd white space. Now and then a key stands twice. */
const spelledJson: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc
      .array(fc.tuple(blank, tie("value"), blank), { maxLength: 4 })
      .map(
        (items) => `[${items.map((item) => item.join("")).join(",")}${items.length ? "" : " "}]`,
      ),
    fc
      .array(fc.tuple(blank, spelledKey, blank, fc.constant(":"), blank, tie("value"), blank), {
        maxLength: 4,
      })
      .map((items) => `{${items.map((item) => item.join("")).join(",")}\n}`),
  ),
})).value;
const jsonText = fc
  .tuple(fc.constantFrom("", "\uFEFF"), blank, spelledJson, blank)
  .map((parts) => parts.join(""));

/** Nearly JSON: pieces put together at random, or a document with one character changed. */
const anyJsonLike = fc.oneof(
  jsonText,
  fc
    .array(
      fc.constantFrom(..."{}[]:,\"\\/*-+.eE019 \t\n'#", "null", "true", '"a"', '"\\u00e', "\u00a0"),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join("")),
  fc
    .tuple(spelledJson, fc.nat(), fc.constantFrom(...'{}[]:,"\\ 0-e', "", "\u0001", "//"))
    .map(([text, at, piece]) => {
      const offset = at % (text.length + 1);
      return (text.slice(0, offset) + piece + text.slice(offset + 1)).toWellFormed();
    }),
);

/** Whether JSON.parse takes a text, and finds no half of a surrogate pair. */
function parses(text: string): boolean {
  let whole = true;
  try {
    JSON.parse(text.replace(/^\uFEFF/, ""), (key: string, value: unknown) => {
      whole &&= key.isWellFormed() && (typeof value !== "string" || value.isWellFormed());
      return value;
    });
    return whole;
  } catch {
    return false;
  }
}

/** What our values say, as data. */
function dataOf(values: readonly Value[], text: string): unknown {
  const made = new Map<string, unknown>();
  for (const value of values) {
    const literal = text.slice(value.start, value.end);
    let data: unknown = value.text;
    if (value.kind === "map") data = Object.create(null);
    else if (value.kind === "list") data = [];
    else if (value.kind !== "string") data = JSON.parse(literal);
    made.set(value.location, data);
    if (value.location === "") continue;
    const parent = made.get(value.location.slice(0, value.location.lastIndexOf("/")));
    (parent as Record<string, unknown>)[value.name] = data;
  }
  return made.get("");
}

describe("a JSON document", () => {
  it("is what JSON.parse accepts, but for duplicate keys", async () => {
    await fc.assert(
      fc.asyncProperty(anyJsonLike, async (text) => {
        const outcome = await open(text).catch((error: unknown) => error);
        if (outcome instanceof ProxmoxMcpError) {
          if (outcome.message.includes("surrogate")) expect(text).toMatch(/\\ud[89a-f]/i);
          else if (outcome.code !== "DUPLICATE_FIELD") expect(parses(text)).toBe(false);
          const blankText = outcome.code === "FILE_EMPTY";
          expect(outcome.where).toMatchObject(blankText ? {} : { line: expect.any(Number) });
        } else {
          expect(parses(text)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("has the values of JSON.parse, none twice", async () => {
    await fc.assert(
      fc.asyncProperty(jsonText, async (text) => {
        const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
        const { values } = await open(text).catch((error: ProxmoxMcpError) => {
          expect(error.code).toBe("DUPLICATE_FIELD");
          fc.pre(false);
          throw error;
        });
        expect(JSON.stringify(dataOf(values, text))).toBe(JSON.stringify(parsed));
        expect(new Set(values.map(({ location }) => location)).size).toBe(values.length);
        for (const { location, name } of values) expect(stepsOf(location).at(-1) ?? "").toBe(name);
      }),
      { numRuns: 300 },
    );
  });

  it("changes nothing but the value that is replaced", async () => {
    await fc.assert(
      fc.asyncProperty(jsonText, fc.nat(), anyText, async (text, pick, replacement) => {
        const document = await open(text).catch(() => undefined);
        const strings = document === undefined ? [] : editable(document);
        const value = strings[pick % strings.length];
        fc.pre(document !== undefined && value !== undefined);
        const edited = JSON.parse(
          (await replaceOne(document, value, replacement)).replace(/^\uFEFF/, ""),
        );
        expect(dataAt(edited, value.location)).toBe(replacement);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["a trailing comma in a map", '{"a": 1,\n}', 2, 1],
    ["a trailing comma in a list", "[1,]", 1, 4],
    ["a comment", "{\n  // why\n}", 2, 3],
    ["a missing colon", '{"a" 1}', 1, 6],
    ["a missing comma", "[1 2]", 1, 4],
    ["single quotes", "{'a': 1}", 1, 2],
    ["a key without quotes", "{a: 1}", 1, 2],
    ["text after the end", "{}\n{}", 2, 1],
    ["a string over two lines", '{"a": "x\ny"}', 1, 7],
    ["a control character", '["a\u0001"]', 1, 2],
    ["an unknown escape", '["\\x"]', 1, 2],
    ["a broken \\u escape", '["\\u12"]', 1, 2],
    ["a number that stops", "[1.]", 1, 2],
    ["a leading zero", "[01]", 1, 3],
    ["NaN", "[NaN]", 1, 2],
    ["the text ending in a list", "[1,\n [2\n\n", 2, 4],
    ["the text ending after a key", '{"a":\r\n', 1, 6],
    ["half a surrogate pair in a value", '{"a": "\\ud83d"}', 1, 7],
    ["half a surrogate pair in a key", '{"\\udd10": 1}', 1, 2],
    ["a bare word after a byte order mark", "\uFEFFx", 1, 1],
  ])("refuses %s", async (_, text, line, column) => {
    const error = await refusal("SYNTAX", () => open(text));
    expect(error.where).toMatchObject({ file: "config.json", line, column });
  });

  it("says which map is not closed", async () => {
    const error = await refusal("SYNTAX", () => open('{"a": [\n{"b": 1\n'));
    expect(error.message).toContain("the map that begins at 2:1");
    expect(error.where.location).toBe("/a/0");
  });

  it.each([
    ['{"a": 1, "\\u0061": 2}', "/a"],
    ['{"": 1, "": 2}', "/"],
    ['{"__proto__": 1, "__proto__": 2}', "/__proto__"],
    ['{"a": [0, {"x/y": 1, "x\\/y": 2}]}', "/a/1/x~1y"],
  ])("compares keys as readers see them: %s", async (text, location) => {
    const error = await refusal("DUPLICATE_FIELD", () => open(text));
    expect(error.where.location).toBe(location);
  });

  it("is refused where it is nested too deeply, without running out of stack", async () => {
    await open("[".repeat(200) + "]".repeat(200));
    const error = await refusal("SYNTAX", () => open("[".repeat(1_000_000)));
    expect(error.message).toContain("200 levels");
    expect(error.where).toMatchObject({ line: 1, column: 201 });
  });

  it("takes a new text for a string only", async () => {
    const document = await open('{"a": null, "b": "x"}');
    const error = await refusal("SECRET_NOT_STRING", () =>
      document.spell(valueAt(document, "/a"), "x"),
    );
    expect(error.where).toMatchObject({ location: "/a", line: 1, column: 7 });
    await refusal("AMBIGUOUS", () => document.spell(valueAt(document, "/b"), "\ud800"));
  });
});

describe("any document", () => {
  it.each(["", " \n\t", "\uFEFF\r\n"])("must not be empty: %j", async (text) => {
    for (const format of ["json", "yaml", "dotenv"] as const) {
      const error = await refusal("FILE_EMPTY", () => openDocument(text, { format, file: "f" }));
      const nameless = await refusal("FILE_EMPTY", () => openDocument(text, { format }));
      expect(nameless.where).toEqual({});
      expect(error.where).toEqual({ file: "f" });
    }
  });

  it.each(["# a\n# \0", "# a\n# \ud800"])("must be text: %j", async (text) => {
    for (const format of ["json", "yaml", "dotenv"] as const) {
      const error = await refusal("FILE_NOT_TEXT", () => openDocument(text, { format }));
      expect(error.where).toEqual({ line: 2, column: 3 });
    }
  });
});
