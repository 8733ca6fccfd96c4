import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anyText, readAnyText } from "../../src/files/any-text.ts";
import { useDirectory } from "./harness.ts";

const directory = useDirectory();

describe("anyText", () => {
  it.each<readonly [string, Buffer, ReturnType<typeof anyText>]>([
    ["UTF-8", Buffer.from("grün 🔐"), { text: "grün 🔐" }],
    ["UTF-8 with a mark", Buffer.from("\uFEFFa"), { text: "\uFEFFa" }],
    ["UTF-16, little end first", Buffer.from("\uFEFFgrün", "utf16le"), { text: "\uFEFFgrün" }],
    [
      "UTF-16, big end first",
      Buffer.from("\uFEFFgrün", "utf16le").swap16(),
      { text: "\uFEFFgrün" },
    ],
    ["Latin-1", Buffer.from("grün", "latin1"), { text: "grün" }],
    ["nothing", Buffer.alloc(0), { text: "" }],
    ["a NUL anywhere", Buffer.from(`${"a".repeat(99_999)}\0`), { reason: "it is binary" }],
    ["half a character of UTF-16", Buffer.from([0xff, 0xfe, 0x61]), { text: "ÿþa" }],
  ])("%s", (_, bytes, expected) => {
    expect(anyText(bytes)).toEqual(expected);
  });
});

describe("readAnyText", () => {
  it("reads a file of exactly so many bytes, and none of more", () => {
    const path = join(directory(), "a");
    writeFileSync(path, "a".repeat(200_000));
    expect(readAnyText(path, 200_000)).toEqual({ text: "a".repeat(200_000) });
    writeFileSync(path, "a".repeat(2 ** 20 + 1));
    expect(readAnyText(path, 2 ** 20)).toEqual({ reason: "it is larger than 1 MiB" });
  });

  it("refuses what is no file", () => {
    mkdirSync(join(directory(), "d"));
    expect(() => readAnyText(join(directory(), "d"), 9)).toThrow("is a directory");
    expect(() => readAnyText(join(directory(), "none"), 9)).toThrow("not found");
  });
});
