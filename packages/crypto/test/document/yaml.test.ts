import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { openDocument } from "../../src/document/open.ts";
import { refusal } from "../refusal.ts";
import { dataAt, editable, replaceOne, stepsOf, valueAt } from "./editing.ts";
import { anyText } from "./texts.ts";
import { yamlText } from "./yaml-documents.ts";

const open = (text: string) => openDocument(text, { format: "yaml", file: "config.yaml" });

describe("a YAML document", () => {
  it("has the strings that YAML 1.1 and YAML 1.2 readers see", async () => {
    await fc.assert(
      fc.asyncProperty(yamlText, async (text) => {
        const { values } = await open(text);
        const strings = values.filter(({ kind }) => kind === "string");
        for (const version of ["1.1", "1.2"] as const) {
          const data: unknown = parse(text, { version });
          for (const value of strings) expect(dataAt(data, value.location)).toBe(value.text);
        }
        for (const { location, name } of values) expect(stepsOf(location).at(-1) ?? "").toBe(name);
      }),
      { numRuns: 300 },
    );
  });

  it("changes nothing but the value that is replaced", async () => {
    await fc.assert(
      fc.asyncProperty(yamlText, fc.nat(), anyText, async (text, pick, replacement) => {
        const document = await open(text);
        const strings = editable(document);
        const value = strings[pick % strings.length];
        fc.pre(value !== undefined);
        const edited = await replaceOne(document, value, replacement);
        for (const version of ["1.1", "1.2"] as const) {
          const data: unknown = parse(edited, { version, merge: true });
          expect(dataAt(data, value.location)).toBe(replacement);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["a quote that is not closed", "a: 'b\n", 2, 1],
    ["two keys in one line", "a: b: c\n", 1, 4],
    ["a tab for indentation", "a:\n\tb: c\n", 2, 1],
    ["wrong indentation", "a:\n    b: c\n  d: e\n", 3, 1],
    ["an open bracket", "a: [b\n", 2, 1],
    ["an unknown escape", 'a: "\\q"\n', 1, 5],
    ["a reserved character", "a: @b\n", 1, 4],
    ["an alias without an anchor", "a: *b\n", 1, 4],
    ["an alias before its anchor", "a: *b\nc: &b d\n", 1, 4],
    ["text after the end", "a: b\n... c\n", 2, 5],
    ["a control character", "a: b\nc: \u001b\n", 2, 4],
    ["half a surrogate pair in a value", 'a: "\\ud83d"\n', 1, 4],
  ])("refuses %s", async (_, text, line, column) => {
    const error = await refusal("SYNTAX", () => open(text));
    expect(error.where).toMatchObject({ file: "config.yaml", line, column });
  });

  it.each([
    ["a second document", "a: b\n--- # second\nc: d\n", 2, 1],
    ["a second document after an end", "a: b\n...\n---\nc: d\n", 3, 1],
    ["a directive", "# why\n%YAML 1.1\n---\na: b\n", 2, 1],
    ["a tag directive", "%TAG !e! tag:example.com,2000:\n---\na: b\n", 1, 1],
    ["a number as a key", "a:\n  1: b\n", 2, 3],
    ["a word as a key", "on: b\n", 1, 1],
    ["an old number as a key", "1_000: b\n", 1, 1],
    ["no key", ": b\n", 1, 1],
    ["null as a key", "~: b\n", 1, 1],
    ["a list as a key", "? [a]\n: b\n", 1, 3],
    ["a map as a key", "{ {a: b}: c }\n", 1, 3],
    ["an alias as a key", "a: &b c\n*b : d\n", 2, 1],
    ["an anchor on a key", "&a b: c\n", 1, 4],
    ["a tag on a key", "!!str 1: c\n", 1, 7],
    ["half a surrogate pair in a key", '"\\udd10 ": b\n', 1, 1],
    ["an escaped surrogate pair in a key", '"\\ud83d\\udd10": c\n', 1, 1],
    ["a lone carriage return", "a: b\rc: d\n", 1, 5],
    ["a line end of YAML 1.1", "# a\u2028b: c\n", 1, 4],
    ["a byte order mark in the middle", "a: b\n\uFEFFc: d\n", 2, 1],
  ])("refuses %s", async (_, text, line, column) => {
    const error = await refusal("AMBIGUOUS", () => open(text));
    expect(error.where).toMatchObject({ file: "config.yaml", line, column });
  });

  it.each([
    ['a: b\n"a": c\n', "/a", 2, 1],
    ["a: {b: c, 'b': d}\n", "/a/b", 1, 11],
    ["<<: {a: b}\n<<: {c: d}\n", "/<<", 2, 1],
  ])("refuses duplicate keys: %s", async (text, location, line, column) => {
    const error = await refusal("DUPLICATE_FIELD", () => open(text));
    expect(error.where).toMatchObject({ location, line, column });
  });

  it.each([
    ["flow lists", "[".repeat(100_000)],
    ["flow maps", "{a: ".repeat(201)],
    ["block lists", `${"- ".repeat(201)}a`],
    ["aliases", "a: &a [*a]\n"],
    ["merges", "a: &a\n  <<: *a\n"],
  ])("refuses %s that are nested too deeply, without running out of stack", async (_, text) => {
    const error = await refusal("SYNTAX", () => open(text));
    expect(error.message).toContain("200 levels");
  });

  it("refuses aliases that stand for more than memory holds", async () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 20; level += 1) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
      );
    }
    const aliases = await refusal("SYNTAX", () => open(lines.join("\n")));
    expect(aliases.message).toContain("10000 values");
    const merges = lines.map((line) => line.replace("[", "{<<: [").replace("]", "]}"));
    await refusal("SYNTAX", () => open(["a0: &a0 {}", ...merges.slice(1)].join("\n")));
  });

  it("holds nothing where there are but comments", async () => {
    expect((await open("# a\n\n  # b\n")).values).toEqual([]);
    expect((await open("---\n")).values).toMatchObject([{ location: "", kind: "null" }]);
  });

  it("reads a key without a value as null", async () => {
    const { values } = await open("{a, b: c}\n");
    expect(values.map(({ location, kind }) => [location, kind])).toEqual([
      ["", "map"],
      ["/a", "null"],
      ["/b", "string"],
    ]);
  });

  it("never quotes the text in an error", async () => {
    for (const text of ["a: 'SENTINEL\n", "a: [SENTINEL\nb: }", "a: @SENTINEL\n", "%SENTINEL\n"]) {
      const error = await open(text).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(JSON.stringify([String(error), error, (error as Error).cause])).not.toContain(
        "SENTINEL",
      );
    }
  });
});

describe("a YAML value that readers may understand differently", () => {
  it.each([
    ["a word of YAML 1.1", "a: yes\n", "its type"],
    ["a letter of YAML 1.1", "a: [N]\n", "its type"],
    ["a number in base 60", "a: 1:30\n", "its type"],
    ["a number in base 8", "a: 0o17\n", "its type"],
    ["an old number in base 8", "a: 0777\n", "its type"],
    ["a number with underscores", "a: 1_000\n", "its type"],
    ["a number with an exponent", "a: 1e3\n", "its type"],
    ["a date", "a: 2001-12-14\n", "its type"],
    ["a date and time", "a: 2001-12-14 21:59:43.10 -5\n", "its type"],
    ["an equals sign", "a: =\n", "its type"],
    ["an empty value with a tag", "a: !!str\n", "its type"],
    ["a tag", "a: !!binary aGk=\n", "its tag"],
    ["a tag above", "a: !secret\n  b: c\n", "its tag"],
    ["the tag of nothing", "a: ! 12\n", "its tag"],
    ["an anchor", "a: &b c\n", "anchor"],
    ["an anchor above", "a: &b\n  - c\n", "anchor"],
    ["an alias", "x: &b c\na: *b\n", "alias"],
    ["an alias above", "x: &b {c: d}\na: *b\n", "alias"],
    ["a merge above", "a:\n  <<: {b: c}\n  d: {e: f}\n", "merge"],
    ["a quoted merge above", "a:\n  '<<': {b: c}\n  d: e\n", "merge"],
    ["an escaped surrogate pair", 'a: "\\\\\\ud83d\\udd10"\n', "surrogate"],
    ["a block scalar in the last line", "a: |\n  b", "new line"],
  ])("says so: %s", async (_, text, reason) => {
    const { values } = await open(text);
    const { location } = values.find(({ name }) => name === "a") ?? { location: "nowhere" };
    const inside = values.filter((value) => value.location.startsWith(`${location}/`));
    const leaf = inside.at(-1) ?? values.find((value) => value.location === location);
    expect(leaf?.ambiguity).toContain(reason);
  });

  it.each([
    "a: 192.168.1.1\n",
    "a: 12345678-9abc-def0-1234-56789abcdef0\n",
    "a: root@pam!mcp\n",
    "a: !!str 123\n",
    "a: yesterday\n",
    'a: "yes"\n',
    "a: '1_000'\n",
    'a: "\\\\ud83d"\n',
    "a: |-\n  b",
    "a: |\n  b\n",
    "a: 8006\n",
    "a: -1.5\n",
    "a: True\n",
    "a: ~\n",
    "a:\n",
  ])("says so only then: %j", async (text) => {
    expect(valueAt(await open(text), "/a").ambiguity).toBeUndefined();
  });

  it("lists what an alias brings, at the place of the alias", async () => {
    const document = await open("base: &base {secret: x}\nprod: *base\n");
    const secret = valueAt(document, "/prod/secret");
    expect(secret).toMatchObject({ kind: "string", text: "x" });
    expect(document.place(secret.start)).toEqual({ line: 2, column: 7 });
  });

  it("lists what a merge brings, as a reader that merges sees it", async () => {
    const document = await open(
      "x: &x {a: 1, b: x, c: x}\nw: &w\n  <<: *x\n  b: w\nz:\n  c: z\n  <<: [*w, {d: d}]\n",
    );
    const at = (name: string) => valueAt(document, `/z/${name}`).text;
    expect([at("b"), at("c"), at("d")]).toEqual(["w", "z", "d"]);
    expect(valueAt(document, "/z/a").kind).toBe("number");
    const locations = document.values.map(({ location }) => location);
    expect(new Set(locations).size).toBe(locations.length);
  });

  it("follows an anchor that is set again below what an alias stands for", async () => {
    const document = await open("a: &x {k: &y one}\nb: &y two\nc: *x\nd: *y\n");
    expect(valueAt(document, "/c/k").text).toBe("one");
    expect(valueAt(document, "/d").text).toBe("two");
  });

  it("follows an anchor that is set twice", async () => {
    const document = await open(
      "a: &x one\nb: *x\nc: &x two\nd: *x\ne: &y [*x]\nf: &x three\ng: *y\n",
    );
    const texts = ["/b", "/d", "/e/0", "/g/0"].map((location) => valueAt(document, location).text);
    expect(texts).toEqual(["one", "two", "two", "two"]);
  });
});

describe("a YAML value spelled anew", () => {
  it.each([
    ["a: old # c\n", "enc:aa==:bb=", "a: enc:aa==:bb= # c\n"],
    [
      "a: old\n",
      "12345678-9abc-def0-1234-56789abcdef0",
      "a: 12345678-9abc-def0-1234-56789abcdef0\n",
    ],
    ["a: old\n", "yes", 'a: "yes"\n'],
    ["a: old\n", "two words", 'a: "two words"\n'],
    ["a: old\n", "", 'a: ""\n'],
    ["a: one\n  two\nb: c\n", "new", "a: new\nb: c\n"],
    ["{a: old}\n", "new", "{a: new}\n"],
    ["{a: old}\n", "enc:aa==", '{a: "enc:aa=="}\n'],
    ["- [old]\n", "x,y", '- ["x,y"]\n'],
    ["a: 'old'\n", "it's: #", "a: 'it''s: #'\n"],
    ["a: 'old'\n", "a\nb", 'a: "a\\nb"\n'],
    ['a: "old"\n', '"\\\u0085\u2028\ufeff', 'a: "\\"\\\\\\u0085\\u2028\\ufeff"\n'],
    ["a: !!str 'old'\n", "new", "a: !!str 'new'\n"],
    ["a: |\n  old\n  # text\n # note\nb: c\n", "new", 'a: "new"\n # note\nb: c\n'],
    ["a: >2- # note\n    old\n\n\nb: c\n", "new", 'a: "new" # note\n\n\nb: c\n'],
    ["a: |+\r\n  old\r\n\r\nb: c\r\n", "new\n", 'a: "new\\n"\r\n\r\nb: c\r\n'],
    ["a: |\nb: c\n", "new", 'a: "new"\nb: c\n'],
    ["- |-\n  old", "new", '- "new"'],
    ["old", "new", "new"],
  ])("%j with %j becomes %j", async (text, replacement, expected) => {
    const document = await open(text);
    const value = editable(document)[0];
    if (value === undefined) throw new Error("there is nothing to edit");
    expect(await replaceOne(document, value, replacement)).toBe(expected);
  });

  it("takes a new text for a string only, and never half a surrogate pair", async () => {
    const document = await open("a:\nb: x\n");
    await refusal("SECRET_NOT_STRING", () => document.spell(valueAt(document, "/a"), "x"));
    await refusal("AMBIGUOUS", () => document.spell(valueAt(document, "/b"), "\udc00"));
  });
});
