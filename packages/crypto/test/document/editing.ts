/** Edits one value of a document and looks at what came of the rest. */
import { expect } from "vitest";
import type { Document, Value } from "../../src/document/document.ts";
import { applyEdits } from "../../src/document/edit.ts";
import { openDocument } from "../../src/document/open.ts";

/** The strings of a document that may be replaced. */
export function editable(document: Document): readonly Value[] {
  return document.values.filter(
    ({ kind, ambiguity }) => kind === "string" && ambiguity === undefined,
  );
}

/**
 * Replaces one value by `text` and opens the result, in which that value reads back as `text`, every
 * other one as before, and every character outside of the value's range stands as before.
 */
export async function replaceOne(document: Document, value: Value, text: string): Promise<string> {
  const { start, end } = value;
  const replacement = document.spell(value, text);
  const edited = applyEdits(document.text, [{ start, end, replacement }]);
  expect(edited.slice(0, start)).toBe(document.text.slice(0, start));
  expect(edited.slice(start + replacement.length)).toBe(document.text.slice(end));
  const reopened = await openDocument(edited, { format: document.format });
  expect(reopened.values.map(readingOf)).toEqual(
    document.values.map((old) => (old === value ? { ...readingOf(old), text } : readingOf(old))),
  );
  return edited;
}

/** What a reader of the file gets for a value. */
export function readingOf(value: Value): Pick<Value, "location" | "name" | "kind" | "text"> {
  const { location, name, kind, text } = value;
  return { location, name, kind, text };
}

/** The value at a location. */
export function valueAt(document: Document, location: string): Value {
  const value = document.values.find((candidate) => candidate.location === location);
  if (value === undefined) throw new Error(`there is no ${location}`);
  return value;
}

/** The steps of a JSON Pointer, decoded as RFC 6901 section 4 says. */
export function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What stands at a location of parsed data. */
export function dataAt(data: unknown, pointer: string): unknown {
  let found = data;
  for (const step of stepsOf(pointer)) found = (found as Record<string, unknown>)[step];
  return found;
}
