/** A text that is being read: what every format needs to read it, and to say what is wrong with it. */
import { type ErrorCode, ProxmoxMcpError } from "../errors.ts";
import type { Place, Value } from "./document.ts";
import { placesOf } from "./place.ts";

/** Deeper documents are refused: other readers, and the parsers below us, run out of stack. */
export const MAX_DEPTH = 200;

/** What an error may say beside its code, message and place. */
interface FaultDetail {
  readonly location?: string;
  readonly hint?: string;
}

/** A text with the name of its file and its lines. */
export class Source {
  readonly text: string;
  readonly file: string | undefined;
  /** Where the content begins: after a byte order mark. */
  readonly start: number;
  /** The line and column of an offset. */
  readonly place: (offset: number) => Place;

  constructor(text: string, file: string | undefined) {
    this.text = text;
    this.file = file;
    this.start = text.startsWith("\uFEFF") ? 1 : 0;
    this.place = placesOf(text);
  }

  /** An error at an offset. It is returned, not thrown. */
  fault(
    code: ErrorCode,
    message: string,
    offset: number,
    detail: FaultDetail = {},
  ): ProxmoxMcpError {
    const { location, hint } = detail;
    return new ProxmoxMcpError(code, message, {
      where: {
        ...(this.file === undefined ? {} : { file: this.file }),
        ...(location === undefined ? {} : { location }),
        ...this.place(offset),
      },
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** The error for a key or name that stands twice. `first` and `second` are offsets. */
  duplicate(location: string, first: number, second: number): ProxmoxMcpError {
    const { line, column } = this.place(first);
    return this.fault(
      "DUPLICATE_FIELD",
      `this field is there already, at ${line}:${column}`,
      second,
      {
        location,
        hint: "remove one of the two: readers disagree on which one counts",
      },
    );
  }

  /** The error for a document that is nested too deeply. */
  tooDeep(offset: number): ProxmoxMcpError {
    return this.fault("SYNTAX", `nested more than ${MAX_DEPTH} levels deep`, offset);
  }

  /** Throws unless a key or string of the document is whole. */
  requireWellFormed(text: string, offset: number, location: string): void {
    if (text.isWellFormed()) return;
    throw this.fault("SYNTAX", "half a surrogate pair in a string", offset, { location });
  }

  /** Throws unless `value` may be replaced, and `text` can be written in any format at all. */
  requireSpellable(value: Value, text: string): void {
    const { location } = value;
    if (value.kind !== "string") {
      throw this.fault("SECRET_NOT_STRING", `this is a ${value.kind}, not a string`, value.start, {
        location,
        hint: 'write a string there first, such as ""',
      });
    }
    if (value.ambiguity !== undefined) {
      throw this.fault("AMBIGUOUS", value.ambiguity, value.start, { location });
    }
    if (!text.isWellFormed()) {
      throw this.fault("AMBIGUOUS", "half a surrogate pair cannot be written", value.start, {
        location,
      });
    }
  }
}
