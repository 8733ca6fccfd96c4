import { parseEnv } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openDocument } from "../../src/document/open.ts";
import { refusal } from "../refusal.ts";
import { editable, replaceOne, valueAt } from "./editing.ts";
import { anyText } from "./texts.ts";

const open = (text: string) => openDocument(text, { format: "dotenv", file: ".env" });

const blank = fc.string({ unit: fc.constantFrom(" ", "\t"), maxLength: 3 });
const value = fc.constantFrom(
  "",
  "plain",
  "enc:c2FsdA==:Z0FBQUFB",
  "root@pam!mcp",
  "/app/config.json",
  "é\u{1f510}",
  "${HOME}/x",
  "''",
  '""',
  "'a b # c \"d\" $E `f`'",
  '"it\'s # not a comment"',
  '"one\n# two\nthree=3"',
  "'one\n\ntwo'",
  "'C:\\new'",
  "a b",
  "a#b",
  '"\\n"',
  '"$X"',
);
const assignment = fc
  .tuple(blank, fc.constantFrom("", "export "), blank, fc.constantFrom("", " ", "\t "), value)
  .chain(([indent, keyword, before, after, spelled]) =>
    fc
      .constantFrom("", "  ", spelled === "" ? "" : " # it's a \"comment", "\t#")
      .map((tail) => (name: string) => {
        return `${indent}${keyword}${name}${before}=${after}${spelled}${spelled === "" ? "" : tail}`;
      }),
  );
const line = fc.oneof(
  { weight: 3, arbitrary: assignment },
  fc.constantFrom("", "   ", "# A=b\t", "  #'").map((text) => () => text),
);

/** A .env file with absurd white space. */
const dotenvText = fc
  .tuple(
    fc.constantFrom("", "\uFEFF"),
    fc.array(line, { minLength: 1, maxLength: 6 }),
    fc.constantFrom("\n", "\r\n"),
    fc.boolean(),
  )
  .map(([mark, lines, eol, final]) => {
    const text = lines.map((print, index) => print(`NAME_${index}`)).join(eol);
    return `${mark}${text}${final ? eol : ""}#`;
  });

/** Texts that some quotes hold for every reader. */
function fits(text: string): boolean {
  if (/[\r\0]/.test(text)) return false;
  return !/'|\\\\|\\$|\$\{/.test(text) || !/["\\$`]/.test(text);
}

describe("a .env document", () => {
  it("changes nothing but the value that is replaced, and Node reads that alike", async () => {
    await fc.assert(
      fc.asyncProperty(dotenvText, fc.nat(), anyText, async (text, pick, replacement) => {
        const document = await open(text);
        const strings = editable(document);
        const chosen = strings[pick % strings.length];
        fc.pre(chosen !== undefined);
        if (!fits(replacement)) {
          const error = await refusal("AMBIGUOUS", () => document.spell(chosen, replacement));
          expect(error.where).toMatchObject({ file: ".env", location: chosen.location });
          return;
        }
        const edited = await replaceOne(document, chosen, replacement);
        expect(valueAt(await open(edited), chosen.location).ambiguity).toBeUndefined();
        const spelling = document.spell(chosen, replacement);
        expect(parseEnv(`A=${spelling}\n`)).toEqual({ A: replacement });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["A=", ""],
    ["A=  ", ""],
    ["A=b", "b"],
    ["  export A = b  # c", "b"],
    ["A=b=c", "b=c"],
    ["A=${B:-c d}/e", "${B:-c d}/e"],
    ['A="${B}"', "${B}"],
    ["A='b # c'", "b # c"],
    ["A='b' # c", "b"],
    ["A='C:\\new'", "C:\\new"],
    ['A="it\'s"', "it's"],
    ['A="b\n\nc"', "b\n\nc"],
    ["export=b", "b"],
  ])("reads %j", async (text, expected) => {
    const { values } = await open(`# first\n${text}\nZ=z`);
    expect(values.map((value) => value.text)).toEqual([expected, "z"]);
    expect(values[0]?.ambiguity).toBeUndefined();
  });

  it("has locations and names", async () => {
    const { values } = await open("A_1=b\n");
    expect(values).toEqual([
      { location: "env:A_1", name: "A_1", kind: "string", text: "b", start: 4, end: 5 },
    ]);
  });

  it("has none where there are but comments", async () => {
    expect((await open("# a\n\n # b=c")).values).toEqual([]);
  });

  it.each([
    ["blanks", "A=b c", "b c", "without quotes"],
    ["a backslash", "A=b\\nc", "b\\nc", "without quotes"],
    ["a dollar", "A=$B", "$B", "without quotes"],
    ["a backtick", "A=`b`", "`b`", "without quotes"],
    ["a tilde", "A=~/b", "~/b", "without quotes"],
    ["a semicolon", "A=b;c", "b;c", "without quotes"],
    ["a quote in the middle", 'A=b"c"', 'b"c"', "without quotes"],
    ["a wide blank at the end", "A=b\u00a0", "b", "without quotes"],
    ["a # inside", "A=b#c", "b#c", "a # that no blank precedes"],
    ["a # after a wide blank", "A=b\u00a0#c", "b", "a # that no blank precedes"],
    ["a # at the start", "A= # b", "# b", "a # that no blank precedes"],
    ["a # after a quote", "A='b'#c", "b", "a # that no blank precedes"],
    ["an escape in double quotes", 'A="b\\n\\"\\q"', 'b\n"\\q', "a backslash in double quotes"],
    ["a dollar in double quotes", 'A="$B"', "$B", "$ and `"],
    ["a backtick in double quotes", 'A="`b`"', "`b`", "$ and `"],
    ["an escape in single quotes", "A='b\\'c\\\\d'", "b'c\\d", "in single quotes"],
    ["a placeholder in single quotes", "A='${B}'", "${B}", "${ in single quotes"],
    ["a carriage return in quotes", "A='b\r\nc'", "b\nc", "carriage return"],
    ["a carriage return in double quotes", 'A="b\r\nc"', "b\nc", "carriage return"],
    ["a tab before the name", "\texport A=b", "b", "a tab"],
    ["a tab after the name", "A\t=b", "b", "a tab"],
    ["a tab before the value", "A=\t'b'", "b", "a tab"],
    ["a tab after the value", "A='b'\t# c", "b", "a tab"],
  ])("says that its readers disagree on %s", async (_, text, expected, reason) => {
    const { values } = await open(`${text}\nZ=z\n`);
    expect(values.map((value) => value.text)).toEqual([expected, "z"]);
    expect(values[0]?.ambiguity).toContain(reason);
    expect(values[1]?.ambiguity).toBeUndefined();
  });

  it.each([
    ["no assignment", "A=b\n  words here\n", 2, 3],
    ["a name alone", "A=b\nexport C\n", 2, 1],
    ["a name with a dash", "A-B=c\n", 1, 1],
    ["a name that begins with a digit", "1A=c\n", 1, 1],
    ["YAML", "# env\na: b=c\n", 2, 1],
    ["`export` without a name", "export =b\n", 1, 1],
    ["an open double quote", '\nA= "b\nC=d\n', 2, 4],
    ["an open single quote", "A='b", 1, 3],
    ["text after a closing quote", "A='b' c\n", 1, 6],
    ["text after a quoted text of two lines", 'A="b\nc"d\n', 2, 3],
  ])("refuses %s", async (_, text, line, column) => {
    const error = await refusal("SYNTAX", () => open(text));
    expect(error.where).toMatchObject({ file: ".env", line, column });
  });

  it.each([
    ["a lone carriage return", "A=b\rC=d\n", 1, 4],
    ["an escaped backslash before a quote", 'A="b\\\\"\nC="d"\n', 1, 3],
    ["an escaped backslash before a quote, on one line", 'A="b\\\\" # "\n', 1, 3],
    ["a single quote after a backslash, over two lines", "\nA='b\\'\nC='\n", 2, 3],
    ["a double quote after a backslash, over two lines", 'A="b\\"\nc"\n', 1, 3],
  ])("refuses %s", async (_, text, line, column) => {
    const error = await refusal("AMBIGUOUS", () => open(text));
    expect(error.where).toMatchObject({ file: ".env", line, column });
  });

  it("refuses a name that stands twice", async () => {
    const error = await refusal("DUPLICATE_FIELD", () => open("A=b\n  export A = c\n"));
    expect(error.where).toEqual({ file: ".env", location: "env:A", line: 2, column: 10 });
    expect(error.message).toContain("1:1");
  });
});

describe("a .env value spelled anew", () => {
  it.each([
    ["A=b # c", "enc:aa==:bb=", "A=enc:aa==:bb= # c"],
    ["A=b # c", "d e", "A='d e' # c"],
    ["A=b # c", "", "A='' # c"],
    ["A=b", "=c", "A='=c'"],
    ["A= ", "b", "A= b"],
    ["A=", "", "A="],
    ["A='b'", "enc:aa==", "A='enc:aa=='"],
    ["A='b'", "it's", 'A="it\'s"'],
    ['A="b"', "it's", 'A="it\'s"'],
    ['A="b"', 'say "$x"', "A='say \"$x\"'"],
    ['A="b"', "C:\\new", "A='C:\\new'"],
    ["A=b", " c\nd\n", "A=' c\nd\n'"],
  ])("%j with %j becomes %j", async (text, replacement, expected) => {
    const document = await open(text);
    expect(await replaceOne(document, valueAt(document, "env:A"), replacement)).toBe(expected);
  });

  it.each(["it's $x", "\\'", "${B}", "a\\\\'", "a\rb", "'\"", "\ud800"])(
    "is refused where its readers would not agree: %j",
    async (text) => {
      const document = await open("A=b");
      const error = await refusal("AMBIGUOUS", () =>
        document.spell(valueAt(document, "env:A"), text),
      );
      expect(error.where).toMatchObject({ location: "env:A", line: 1, column: 3 });
    },
  );

  it("is refused where they do not agree on the value as it is", async () => {
    const document = await open("A=b c");
    await refusal("AMBIGUOUS", () => document.spell(valueAt(document, "env:A"), "d"));
  });
});

describe("hostile values", () => {
  it.each([
    ["blanks", `a${" ".repeat(1_000_000)}b`],
    ["other blanks", `a${"\u00a0".repeat(1_000_000)}b`],
    ["openings of placeholders", "${".repeat(500_000)],
    ["openings of placeholders in quotes", `"${"${".repeat(500_000)}"`],
    ["backslashes", `a${"\\".repeat(1_000_000)}b`],
    ["escaped quotes", `"${'\\"'.repeat(500_000)}"`],
  ])("%s take linear time", async (_, spelled) => {
    const document = await open(`A=${spelled}\n`);
    expect(valueAt(document, "env:A").end).toBe(2 + spelled.length);
  });
});
