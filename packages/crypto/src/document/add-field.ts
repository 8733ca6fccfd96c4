/** Adding a field to a document: an empty string, with the maps that lead to it. */
import type { Document, Value } from "./document.ts";
import { applyEdits, type Edit } from "./edit.ts";
import { openDocument } from "./open.ts";
import { childPointer, splitPointer } from "./pointer.ts";

/**
 * Adds a field behind the others of its map, laid out as they are. Every other character stays.
 *
 * @param location the JSON Pointer of a field that is not there.
 * @returns `undefined` where the text has no place for it: below anything but a map, or where the
 * document would then hold something else beside it.
 */
export async function addField(
  document: Document,
  location: string,
): Promise<Document | undefined> {
  const { format, text } = document;
  if (format === "dotenv") return undefined;
  const found = innermostMap(document, splitPointer(location));
  if (found === undefined) return undefined;
  const { map, missing } = found;
  const isFlow = text[map.start] === "{";
  const edit = isFlow ? flowEdit(document, map, missing) : blockEdit(document, map, missing);
  const edited = await opened(applyEdits(text, [edit]), document);
  return edited !== undefined && isOnlyAdded(document, edited, map, missing) ? edited : undefined;
}

/** The map nearest to a field that is there, and the names that lead on from it. */
function innermostMap(
  { values }: Document,
  segments: readonly string[],
): { readonly map: Value; readonly missing: readonly string[] } | undefined {
  let pointer = "";
  let map = values.find((value) => value.location === pointer);
  for (const [index, segment] of segments.entries()) {
    if (map?.kind !== "map" || map.ambiguity !== undefined) return undefined;
    pointer = childPointer(pointer, segment);
    const next = values.find((value) => value.location === pointer);
    if (next === undefined) return { map, missing: segments.slice(index) };
    map = next;
  }
  return undefined;
}

/** In braces: behind the last member, on a line of its own where the first one has that. */
function flowEdit(document: Document, map: Value, missing: readonly string[]): Edit {
  const { text, format } = document;
  const key = format === "json" ? (name: string) => JSON.stringify(name) : yamlKey;
  const nested = (indent: string | undefined) => nestedFlow(missing.map(key), indent, document);
  const last = lastBelow(document, map);
  if (last !== undefined) {
    const [, indent] = /^\s*\n([ \t]*)/.exec(text.slice(map.start + 1)) ?? [];
    const lead = indent === undefined ? " " : `${lineEnd(text)}${indent}`;
    return { start: last, end: last, replacement: `,${lead}${nested(indent)}` };
  }
  const outer = indentAt(text, map.start);
  const inner =
    format === "json" && text.trim().includes("\n") ? outer + unitOf(document) : undefined;
  const [lead, trail] =
    inner === undefined ? ["", ""] : [lineEnd(text) + inner, lineEnd(text) + outer];
  return {
    start: map.start,
    end: map.end,
    replacement: `{${lead}${nested(inner)}${trail}}`,
  };
}

function nestedFlow(
  [key = "", ...rest]: readonly string[],
  indent: string | undefined,
  document: Document,
): string {
  if (rest.length === 0) return `${key}: ""`;
  if (indent === undefined) return `${key}: {${nestedFlow(rest, undefined, document)}}`;
  const inner = indent + unitOf(document);
  const end = lineEnd(document.text);
  return `${key}: {${end}${inner}${nestedFlow(rest, inner, document)}${end}${indent}}`;
}

/** Without braces: in the line after the last member, and after the comment that ends its line. */
function blockEdit(document: Document, map: Value, missing: readonly string[]): Edit {
  const { text } = document;
  const end = lineEnd(text);
  const outer = " ".repeat(document.place(map.start).column - 1);
  const unit = unitOf(document);
  const lines = missing.map((name, depth) => {
    const isLast = depth === missing.length - 1;
    return `${outer}${unit.repeat(depth)}${yamlKey(name)}:${isLast ? ' ""' : ""}`;
  });
  const added = lines.join(end);
  const last = lastBelow(document, map) ?? map.end;
  const newline = text[last - 1] === "\n" ? last - 1 : text.indexOf("\n", last);
  return newline < 0
    ? { start: text.length, end: text.length, replacement: `${end}${added}` }
    : { start: newline + 1, end: newline + 1, replacement: `${added}${end}` };
}

/** Where the last value below a map ends. */
function lastBelow({ values }: Document, { location }: Value): number | undefined {
  const ends = values
    .filter((value) => value.location.startsWith(`${location}/`))
    .map((value) => value.end);
  return ends.length === 0 ? undefined : ends.reduce((latest, end) => Math.max(latest, end), 0);
}

/** What one level is indented by: as the first map within the root, else two blanks. */
function unitOf({ values, text }: Document): string {
  const [, second] = values;
  const indent = second === undefined ? "" : indentAt(text, second.start);
  const nested = values.find(({ location }) => /^\/[^/]*\/[^/]*$/.test(location));
  const deeper = nested === undefined ? "" : indentAt(text, nested.start);
  const unit = deeper.startsWith(indent) ? deeper.slice(indent.length) : "";
  return unit === "" ? indent || "  " : unit;
}

/** The blanks that the line of an offset begins with. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return line.replace(/[^ \t].*$/s, "");
}

function lineEnd(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

const PLAIN_KEY = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][\w-]*$/i;

/** A key that readers of YAML take for the same text; JSON's strings are double-quoted YAML. */
function yamlKey(name: string): string {
  return PLAIN_KEY.test(name) ? name : JSON.stringify(name);
}

async function opened(text: string, { format }: Document): Promise<Document | undefined> {
  try {
    return await openDocument(text, { format });
  } catch {
    return undefined;
  }
}

/** Whether the edited text holds what it held, and the new field with its maps. */
function isOnlyAdded(
  before: Document,
  after: Document,
  map: Value,
  missing: readonly string[],
): boolean {
  const added: string[] = [];
  for (const name of missing) added.push(childPointer(added.at(-1) ?? map.location, name));
  const others = after.values.filter(({ location }) => !added.includes(location));
  const news = after.values.filter(({ location }) => added.includes(location));
  const kinds = news.map(({ location, kind, text }) => `${location} ${kind} ${text}`);
  const wanted = added.map((location, index) =>
    index === added.length - 1 ? `${location} string ` : `${location} map `,
  );
  return (
    kinds.join("\n") === wanted.join("\n") &&
    others.length === before.values.length &&
    before.values.every((value, index) => isSame(before, value, after, others[index]))
  );
}

function isSame(
  before: Document,
  value: Value,
  after: Document,
  other: Value | undefined,
): boolean {
  if (other === undefined) return false;
  const { location, kind, text, ambiguity } = value;
  const spelling = (document: Document, { start, end }: Value) =>
    kind === "map" || kind === "list" ? "" : document.text.slice(start, end);
  return (
    other.location === location &&
    other.kind === kind &&
    other.text === text &&
    other.ambiguity === ambiguity &&
    spelling(before, value) === spelling(after, other)
  );
}
