/** JSON as text, a piece at a time: what there is to say of ten thousand files has no room in memory. */

/** So long is a piece, at least, in UTF-16 code units; a short text is one piece. */
const PIECE = 64 * 1024;

/** A list whose items are made when they are written. */
export function lazyList<T>(items: Iterable<T>, jsonOf: (item: T) => object): Iterable<object> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) yield jsonOf(item);
    },
  };
}

/**
 * An object as `JSON.stringify` spells it with an indent of two, and a line feed. The lists that its
 * properties hold may be lazy ones.
 */
export function* jsonText(value: object): Generator<string> {
  let piece = "";
  for (const part of partsOf(value)) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

function* partsOf(value: object): Generator<string> {
  let before = "{\n  ";
  for (const [name, property] of Object.entries(value)) {
    if (property === undefined) continue;
    yield `${before}${JSON.stringify(name)}: `;
    before = ",\n  ";
    if (isList(property)) yield* listParts(property);
    else yield indented(property, "  ");
  }
  yield before.startsWith("{") ? "{}\n" : "\n}\n";
}

function* listParts(list: Iterable<unknown>): Generator<string> {
  let before = "[\n    ";
  for (const item of list) {
    yield before + indented(item, "    ");
    before = ",\n    ";
  }
  yield before.startsWith("[") ? "[]" : "\n  ]";
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

// Within strings line feeds are escaped.
function indented(value: unknown, indent: string): string {
  return (JSON.stringify(value, undefined, 2) ?? "null").replaceAll("\n", `\n${indent}`);
}
