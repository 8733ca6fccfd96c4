/** JSON documents: exactly RFC 8259, without duplicate keys. */
import { printParseErrorCode, visit } from "jsonc-parser";
import type { Document, Value } from "./document.ts";
import { childPointer } from "./pointer.ts";
import { MAX_DEPTH, type Source } from "./source.ts";

type Kind = Value["kind"];

/** A list or map that is being read. */
interface Open {
  readonly value: { -readonly [Key in keyof Value]: Value[Key] };
  /** The keys seen so far, with their offsets; `undefined` for a list. */
  readonly keys: Map<string, number> | undefined;
  /** The key or index of the value that comes next. */
  next: string | number;
}

/** Reads a JSON document. @throws ProxmoxMcpError SYNTAX or DUPLICATE_FIELD. */
export function openJson(source: Source): Document {
  return {
    format: "json",
    text: source.text,
    values: readValues(source),
    place: source.place,
    spell(value, text) {
      source.requireSpellable(value, text);
      return JSON.stringify(text);
    },
  };
}

function readValues(source: Source): Value[] {
  const { text, start: base } = source;
  const values: Value[] = [];
  const stack: Open[] = [];

  function add(kind: Kind, decoded: string, offset: number, length: number): Open["value"] {
    const parent = stack.at(-1);
    const start = base + offset;
    const name = parent === undefined ? "" : String(parent.next);
    const location = parent === undefined ? "" : childPointer(parent.value.location, parent.next);
    const value = { location, name, kind, text: decoded, start, end: start + length };
    if (typeof parent?.next === "number") parent.next += 1;
    values.push(value);
    return value;
  }

  function begin(kind: "list" | "map", offset: number, length: number): void {
    if (stack.length === MAX_DEPTH) throw source.tooDeep(base + offset);
    const value = add(kind, "", offset, length);
    stack.push(
      kind === "map" ? { value, keys: new Map(), next: "" } : { value, keys: undefined, next: 0 },
    );
  }

  function end(offset: number, length: number): void {
    // The end of the text ends every list and map, too; no closing character is there then.
    if (base + offset === text.length) throw syntaxFault(source, "", text.length, stack.at(-1));
    const closed = stack.pop();
    if (closed !== undefined) closed.value.end = base + offset + length;
  }

  visit(
    base === 0 ? text : text.slice(base),
    {
      onObjectBegin: (offset, length) => begin("map", offset, length),
      onArrayBegin: (offset, length) => begin("list", offset, length),
      onObjectEnd: end,
      onArrayEnd: end,
      onObjectProperty(key, offset) {
        const map = stack.at(-1);
        if (map?.keys === undefined) return;
        const location = childPointer(map.value.location, key);
        const first = map.keys.get(key);
        if (first !== undefined) throw source.duplicate(location, first, base + offset);
        source.requireWellFormed(key, base + offset, location);
        map.keys.set(key, base + offset);
        map.next = key;
      },
      onLiteralValue(literal, offset, length) {
        const isString = typeof literal === "string";
        const value = add(kindOf(literal), isString ? literal : "", offset, length);
        if (isString) source.requireWellFormed(literal, value.start, value.location);
      },
      onError(code, offset) {
        throw syntaxFault(source, printParseErrorCode(code), base + offset, stack.at(-1));
      },
    },
    { disallowComments: true },
  );
  return values;
}

function kindOf(literal: unknown): Kind {
  if (literal === null) return "null";
  if (typeof literal === "string") return "string";
  return typeof literal === "number" ? "number" : "boolean";
}

const MESSAGES: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is not a JSON value",
  InvalidNumberFormat: "malformed number",
  PropertyNameExpected: "expected a key in double quotes",
  ValueExpected: "expected a value",
  ColonExpected: "expected a colon after the key",
  CommaExpected: "expected a comma",
  CloseBraceExpected: "expected a comma or a closing brace",
  CloseBracketExpected: "expected a comma or a closing bracket",
  EndOfFileExpected: "unexpected text after the end of the document",
  InvalidCommentToken: "JSON has no comments",
  UnexpectedEndOfString: "this string is not closed on its line",
  UnexpectedEndOfNumber: "this number ends too early",
  InvalidUnicode: "malformed \\u escape in this string",
  InvalidEscapeCharacter: "unknown escape in this string",
  InvalidCharacter: "a control character in this string is not escaped",
};

function syntaxFault(source: Source, code: string, offset: number, open: Open | undefined): Error {
  const contentEnd = endOfContent(source.text);
  if (offset < contentEnd)
    return source.fault("SYNTAX", MESSAGES[code] ?? "malformed JSON", offset);
  if (open === undefined) return source.fault("SYNTAX", "the text ends too early", contentEnd);
  const { kind, start, location } = open.value;
  const { line, column } = source.place(start);
  const message = `the text ends before the ${kind} that begins at ${line}:${column} is closed`;
  return source.fault("SYNTAX", message, contentEnd, { location });
}

function endOfContent(text: string): number {
  let end = text.length;
  while (end > 0 && " \t\r\n".includes(text.charAt(end - 1))) end -= 1;
  return end;
}
