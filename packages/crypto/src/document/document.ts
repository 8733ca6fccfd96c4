/**
 * A document: a config text, and the values found in it with their ranges.
 *
 * All offsets are UTF-16 code units of `text`, so that a value can be cut out and replaced
 * while every other character stays.
 */

/** The formats whose secrets can be edited in place. */
export type DocumentFormat = "json" | "yaml" | "dotenv";

/** One value of a document: a leaf, or a list or map (so that a rule that hits one can say so). */
export interface Value {
  /** An RFC 6901 JSON Pointer, or `env:NAME` in a .env file. */
  readonly location: string;
  /** The last step of the location, decoded: the key it is stored under, or its index in a list. */
  readonly name: string;
  readonly kind: "string" | "number" | "boolean" | "null" | "list" | "map";
  /** What a reader of the file gets, for strings; `""` for every other kind. */
  readonly text: string;
  /** Offset of the first character of the value's spelling (its quote, where it has one). */
  readonly start: number;
  /** Offset after the last character of its spelling. */
  readonly end: number;
  /**
   * Why this value must not be replaced, where that is so: below an anchor, read differently by two
   * common readers, and the like. Only a problem for values that are secrets.
   */
  readonly ambiguity?: string;
}

/** A place in a text. Both count from 1; columns count UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A parsed document. Parsing it again from `text` gives the same values. */
export interface Document {
  readonly format: DocumentFormat;
  readonly text: string;
  /** Every value, in the order of the text; a map or list comes before what it holds. */
  readonly values: readonly Value[];
  /** The line and column of an offset. */
  place(offset: number): Place;
  /**
   * Spells `text` for the range of `value`, in the value's own quoting style where that can hold it,
   * so that a reader of the edited file gets exactly `text`.
   *
   * @throws ProxmoxMcpError AMBIGUOUS where the format has no spelling that all readers agree on.
   */
  spell(value: Value, text: string): string;
}

/** How a document is opened. */
export interface OpenDocumentOptions {
  readonly format: DocumentFormat;
  /** Named in errors; never read. */
  readonly file?: string;
}
