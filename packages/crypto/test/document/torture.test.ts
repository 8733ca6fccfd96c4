import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Document } from "../../src/document/document.ts";
import { applyEdits } from "../../src/document/edit.ts";
import { formatOf } from "../../src/document/format.ts";
import { openDocument } from "../../src/document/open.ts";
import { refusal } from "../refusal.ts";
import { editable, readingOf, replaceOne, valueAt } from "./editing.ts";

const DIRECTORY = new URL("../vectors/torture/", import.meta.url);
const GOOD = readdirSync(DIRECTORY).filter((name) => !name.includes(".bad."));

function read(name: string): string {
  return readFileSync(new URL(name, DIRECTORY), "utf8");
}

function open(name: string): Promise<Document> {
  const text = read(name);
  return openDocument(text, { format: formatOf(name, text), file: name });
}

describe.each(GOOD)("%s", (name) => {
  it("keeps every byte where nothing is edited", async () => {
    const document = await open(name);
    expect(applyEdits(document.text, [])).toBe(read(name));
  });

  it("keeps every value where each string is spelled anew", async () => {
    const document = await open(name);
    const strings = editable(document);
    expect(strings.length).toBeGreaterThan(3);
    const edits = strings.map((value) => {
      const { start, end, text } = value;
      return { start, end, replacement: document.spell(value, text) };
    });
    const edited = await openDocument(applyEdits(document.text, edits), document);
    expect(edited.values.map(readingOf)).toEqual(document.values.map(readingOf));
  });

  it("takes a new text for any string, and keeps all else", async () => {
    const document = await open(name);
    for (const value of editable(document)) await replaceOne(document, value, "new: 'text' # é\n");
  });
});

describe("the readings of the torture files", () => {
  it("decodes escapes, and encodes ~ and / in locations", async () => {
    const document = await open("bom-escapes.json");
    expect(valueAt(document, "/auth/token_value").text).toBe('päss"\\/\n\u{1f510}');
    expect(valueAt(document, "//a~1b~0c")).toMatchObject({ name: "a/b~c", kind: "number" });
  });

  it("reads folded, literal and quoted scalars", async () => {
    const document = await open("comments.yaml");
    expect(valueAt(document, "/servers/staging/token_secret").text).toBe("folded secret");
    expect(valueAt(document, "/servers/staging/other").text).toBe("kept\n  as is\n");
    const quoted = valueAt(document, "/servers/production/token_secret");
    expect(quoted.text).toBe("it's a secret: # not a comment");
  });

  it("reads a .env file, and notes where its readers disagree", async () => {
    const document = await open("dot.env");
    expect(valueAt(document, "env:PROXMOX_PASSWORD").text).toBe("single $quoted");
    expect(valueAt(document, "env:MULTI").text).toBe("line one\nline two");
    expect(valueAt(document, "env:EMPTY").text).toBe("");
    const escaped = valueAt(document, "env:PROXMOX_TOKEN_SECRET");
    expect(escaped.text).toBe('quoted # not a comment "x" ${HOME}');
    expect(escaped.ambiguity).toContain("a backslash in double quotes");
  });
});

describe("the bad torture files", () => {
  it.each([
    ["duplicate-key.bad.json", "DUPLICATE_FIELD", 1, 30],
    ["truncated.bad.json", "SYNTAX", 1, 33],
    ["two-documents.bad.yaml", "AMBIGUOUS", 3, 1],
  ] as const)("refuses %s with %s at %i:%i", async (file, code, line, column) => {
    const error = await refusal(code, () => open(file));
    expect(error.where).toMatchObject({ file, line, column });
  });

  it("names both places of a duplicate field", async () => {
    const error = await refusal("DUPLICATE_FIELD", () => open("duplicate-key.bad.json"));
    expect(error.where.location).toBe("/a/token_value");
    expect(error.message).toContain("1:10");
  });

  it.each([
    ["/a/token_value", "anchor", 1, 21],
    ["/b/token_value", "alias", 2, 4],
    ["/auth/token_value", "anchor", 4, 16],
    ["/c/token_value", "alias", 5, 4],
  ])("refuses to edit %s of anchored-secret.bad.yaml", async (location, reason, line, column) => {
    const document = await open("anchored-secret.bad.yaml");
    const secret = valueAt(document, location);
    expect(secret.ambiguity).toContain(reason);
    const error = await refusal("AMBIGUOUS", () => document.spell(secret, "new"));
    expect(error.where).toMatchObject({ location, line, column });
  });
});
