/** .env documents: assignments as python-dotenv reads them, with a note where others differ. */
import type { Document, Value } from "./document.ts";
import { spellDotenv } from "./dotenv-spelling.ts";
import { readDotenvValue } from "./dotenv-value.ts";
import type { Source } from "./source.ts";

const BLANK_LINE = /[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)/y;
// Before a blank, `export` is no name but the keyword.
const ASSIGNMENT = /([ \t]*(?:export[ \t]+)?)(?!export[ \t]+=)([A-Za-z_]\w*)[ \t]*=[ \t]*/y;
const TAB = "readers of .env files disagree on a tab outside of quotes; put a space there";
const REST_OF_LINE = /[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)/y;

/** Reads a .env document. @throws ProxmoxMcpError SYNTAX, DUPLICATE_FIELD or AMBIGUOUS. */
export function openDotenv(source: Source): Document {
  return {
    format: "dotenv",
    text: source.text,
    values: readValues(source),
    place: source.place,
    spell(value, text) {
      source.requireSpellable(value, text);
      const spelling = spellDotenv(source.text.slice(value.start, value.end), text);
      if (spelling !== undefined) return spelling;
      throw source.fault(
        "AMBIGUOUS",
        "readers of .env files would not agree on this text",
        value.start,
        {
          location: value.location,
          hint: "keep it in a JSON or YAML file: no quotes of a .env file hold it",
        },
      );
    },
  };
}

function readValues(source: Source): Value[] {
  const { text } = source;
  requireAgreedLineEnds(source);
  const values: Value[] = [];
  const names = new Map<string, number>();
  let position = source.start;
  while (position < text.length) {
    const blank = endOfMatch(BLANK_LINE, text, position);
    if (blank !== undefined) {
      position = blank;
      continue;
    }
    const { name, nameStart, valueStart } = readName(source, position);
    const location = `env:${name}`;
    const first = names.get(name);
    if (first !== undefined) throw source.duplicate(location, first, nameStart);
    names.set(name, nameStart);
    const value = readDotenvValue(source, valueStart, location);
    const before = text.slice(position, value.start);
    position = endOfLine(source, value.end, location);
    const [after = ""] = text.slice(value.end, position).split("#", 1);
    const ambiguity = value.ambiguity ?? (/\t/.test(before + after) ? TAB : undefined);
    const found = { location, name, kind: "string", ...value } as const;
    values.push(ambiguity === undefined ? found : { ...found, ambiguity });
  }
  return values;
}

function readName(
  source: Source,
  position: number,
): { name: string; nameStart: number; valueStart: number } {
  ASSIGNMENT.lastIndex = position;
  const [, indent, name] = ASSIGNMENT.exec(source.text) ?? [];
  if (indent === undefined || name === undefined) {
    const start = endOfMatch(/[ \t]*/y, source.text, position) ?? position;
    throw source.fault(
      "SYNTAX",
      "expected NAME=value, with a name of letters, digits and _",
      start,
      {
        hint: "begin comments with #, and put values of several lines in quotes",
      },
    );
  }
  return { name, nameStart: position + indent.length, valueStart: ASSIGNMENT.lastIndex };
}

function endOfLine(source: Source, position: number, location: string): number {
  const end = endOfMatch(REST_OF_LINE, source.text, position);
  if (end !== undefined) return end;
  throw source.fault("SYNTAX", "unexpected text after the closing quote", position, { location });
}

function requireAgreedLineEnds(source: Source): void {
  const lone = source.text.search(/\r(?!\n)/);
  if (lone < 0) return;
  throw source.fault(
    "AMBIGUOUS",
    "readers of .env files disagree on whether a line ends here",
    lone,
    {
      hint: "end lines with a line feed",
    },
  );
}

/** Where a match of the sticky pattern at `position` ends; `undefined` where there is none. */
function endOfMatch(pattern: RegExp, text: string, position: number): number | undefined {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
