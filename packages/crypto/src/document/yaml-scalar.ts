/** Reads one YAML scalar: as a value, or as a key. */
import { isScalar, type ParsedNode, type Scalar } from "yaml";
import type { Value } from "./document.ts";
import type { Source } from "./source.ts";
import { isPlainNumber, isPlainString } from "./yaml-plain.ts";

/** The tag `!!str`, which says what quotes say. */
export const STRING_TAG = "tag:yaml.org,2002:str";

/** What a scalar is to a reader. */
interface ScalarReading {
  readonly kind: Value["kind"];
  readonly text: string;
  readonly range: readonly [start: number, end: number];
  readonly ambiguity: string | undefined;
  /** Whether it is spelled without quotes. */
  readonly plain: boolean;
}

const TYPE = "readers of YAML disagree on its type; put it in quotes";
const SURROGATES =
  "readers of YAML disagree on an escaped surrogate pair; write the character itself";
const LAST_LINE = "readers of YAML disagree on whether it ends with a new line; put it in quotes";

/** Reads a value. @throws ProxmoxMcpError SYNTAX for half a surrogate pair. */
export function readScalar(source: Source, node: Scalar.Parsed, location: string): ScalarReading {
  const range = rangeOf(source, node);
  const kind = kindOf(node.value);
  const text = kind === "string" ? String(node.value) : "";
  source.requireWellFormed(text, range[0], location);
  const ambiguity = ambiguityOf(source, node);
  return { kind, text, range, ambiguity, plain: node.type === "PLAIN" };
}

/**
 * The text of a key in the map at `parent`.
 *
 * @throws ProxmoxMcpError AMBIGUOUS unless every reader takes it for the same string.
 */
export function keyText(source: Source, key: ParsedNode, parent: string): string {
  const isPlainlyKey = isScalar(key) && key.anchor === undefined && key.tag === undefined;
  const text = isPlainlyKey ? key.source : undefined;
  if (!isPlainlyKey || text === undefined || !isAgreedKey(source, key, text)) {
    throw source.fault(
      "AMBIGUOUS",
      "readers of YAML disagree on whether this key is a string",
      key.range[0],
      {
        location: parent,
        hint: "put the key in quotes, without anchor, alias or tag",
      },
    );
  }
  return text;
}

/** The range of a node's spelling. A block scalar ends with its last character that is no blank. */
export function rangeOf(source: Source, node: ParsedNode): readonly [start: number, end: number] {
  const [start, end] = node.range;
  if (!(isScalar(node) && isBlock(node))) return [start, end];
  let last = end;
  while (last > start && " \r\n".includes(source.text.charAt(last - 1))) last -= 1;
  return [start, last];
}

function ambiguityOf(source: Source, node: Scalar.Parsed): string | undefined {
  const spelling = source.text.slice(node.range[0], node.range[1]);
  if (node.type === "PLAIN") return isAgreedPlain(node, spelling) ? undefined : TYPE;
  if (node.type === "QUOTE_DOUBLE") return hasEscapedSurrogate(spelling) ? SURROGATES : undefined;
  if (!isBlock(node) || node.range[1] < source.text.length) return undefined;
  const stripped = /^[|>]\d?-/.test(spelling);
  return stripped || spelling.endsWith("\n") ? undefined : LAST_LINE;
}

function isAgreedPlain(node: Scalar.Parsed, spelling: string): boolean {
  if (node.tag !== undefined) return spelling !== "";
  if (typeof node.value === "string") return isPlainString(node.value);
  return typeof node.value !== "number" || isPlainNumber(spelling);
}

function isAgreedKey(source: Source, key: Scalar.Parsed, text: string): boolean {
  // The merge key is one that readers disagree on, too, but it is noted on what it merges.
  if (key.type === "PLAIN") return isPlainString(text) || text === "<<";
  return (
    key.type !== "QUOTE_DOUBLE" ||
    !hasEscapedSurrogate(source.text.slice(key.range[0], key.range[1]))
  );
}

function hasEscapedSurrogate(spelling: string): boolean {
  return /(?<!\\)(?:\\\\)*\\(?:u|U0000)[dD][89a-fA-F]/.test(spelling);
}

function isBlock(node: Scalar.Parsed): boolean {
  return node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
}

function kindOf(value: unknown): Value["kind"] {
  if (value === null) return "null";
  const type = typeof value;
  return type === "number" || type === "boolean" ? type : "string";
}
