import { describe, expect, it } from "vitest";
import { splitCommand, splitParts } from "../src/command-line.ts";
import { refusal } from "./refusal.ts";

const HOLDER = { name: "--new-key-sink", code: "USAGE", wanted: "name a command" } as const;

describe("splitting a command", () => {
  it.each([
    ["cat /run/key", ["cat", "/run/key"]],
    ["  vault   read\tkey\n", ["vault", "read", "key"]],
    ["cat 'my key'", ["cat", "my key"]],
    ['cat "my key"', ["cat", "my key"]],
    ["cat my' 'key", ["cat", "my key"]],
    ["sh -c 'pass show \"a b\"'", ["sh", "-c", 'pass show "a b"']],
    [`echo "it's"`, ["echo", "it's"]],
    [`echo 'a'"b"c`, ["echo", "abc"]],
    ["echo ''", ["echo", ""]],
    ['echo "" x', ["echo", "", "x"]],
    ["echo $KEY ; rm \\x | y > z", ["echo", "$KEY", ";", "rm", "\\x", "|", "y", ">", "z"]],
    ["a", ["a"]],
  ])("%j", (text, argv) => {
    expect(splitCommand(text, HOLDER)).toEqual(argv);
  });

  it("tells what stood in quotes", () => {
    const parts = splitParts(`a"b"c '' "it's"`, HOLDER);
    expect(parts).toEqual([
      [
        { text: "a", isQuoted: false },
        { text: "b", isQuoted: true },
        { text: "c", isQuoted: false },
      ],
      [{ text: "", isQuoted: true }],
      [{ text: "it's", isQuoted: true }],
    ]);
  });

  it.each([
    ["", /is empty/],
    [" \t", /is empty/],
    ["''", /is empty/],
    ['"" x', /is empty/],
    ["'", /quote that is not closed/],
    ["cat 'x", /quote that is not closed/],
    ['cat "x', /quote that is not closed/],
    [`cat "x'`, /quote that is not closed/],
    ["cat x'", /quote that is not closed/],
  ])("refuses %j", async (text, trouble) => {
    const error = await refusal("USAGE", () => splitCommand(text, HOLDER));
    expect(error.message).toMatch(trouble);
  });
});
