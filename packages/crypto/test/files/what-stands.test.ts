import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { MemberFile } from "../../src/files/member.ts";
import { hashBytes } from "../../src/files/read.ts";
import { whatStands } from "../../src/files/what-stands.ts";
import { useDirectory } from "./harness.ts";

const directory = useDirectory();

function hash(text: string): string {
  return hashBytes(Buffer.from(text, "utf8"));
}

/** A file that was to go from `old` to `new`, and holds a text; `undefined` for none. */
function file(name: string, text: string | undefined, before: string | undefined): MemberFile {
  const target = join(directory(), name);
  if (text !== undefined) writeFileSync(target, text);
  return {
    target,
    newPath: `${target}.new`,
    oldPath: `${target}.old`,
    backupPath: undefined,
    before: before === undefined ? undefined : hash(before),
    after: hash("new"),
  };
}

function files(text: string, ...names: string[]): MemberFile[] {
  return names.map((name) => file(name, text, "old"));
}

/** What is said, with the paths relative. */
function said(found: readonly MemberFile[]): string {
  return whatStands(found).replaceAll(`${directory()}/`, "");
}

it("says of files that are all alike that every one is", () => {
  expect(said(files("new", "a", "b", "c", "d"))).toBe("every file has its new text");
  expect(said(files("old", "a", "b", "c", "d"))).toBe("every file has its old text");
});

it("names three of each kind, and counts the others", () => {
  const found = [
    ...files("new", "a", "b", "c"),
    ...files("old", "d", "e", "f", "g", "h"),
    ...files("theirs", "i", "j", "k", "l"),
  ];
  expect(said(found)).toBe(
    "new text: a, b, c; old text: d, e, f and 2 more; changed by somebody else: i, j, k and 1 more",
  );
});

it("takes a file that was to be made for old as long as it is not there", () => {
  const made = [file("a", "new", undefined), file("b", undefined, undefined)];
  expect(said(made)).toBe("new text: a; old text: b");
});

it("tells a file that is gone", () => {
  expect(said([file("a", undefined, "old")])).toBe("not there: a");
});

it("says where it cannot look", () => {
  mkdirSync(join(directory(), "plain"));
  const inFile = { ...file("a", "old", "old"), target: join(directory(), "a", "b") };
  expect(said([file("c", "new", "old"), inFile])).toBe("new text: c; cannot be looked at: a/b");
});
