/** Comments of a text, as far as the ending of its file tells what a comment is. Knows no grammar. */
import { formatOfName } from "../../document/format.ts";

/** The range of a comment with its signs, in UTF-16 code units. */
export interface Comment {
  readonly start: number;
  readonly end: number;
}

/** The comments of a text. */
export interface Comments {
  /** In the order of the text. */
  readonly comments: readonly Comment[];
  /** Whether these are all, since its format is known to the last sign. */
  readonly isExact: boolean;
}

/** How comments are written. */
interface Style {
  /** What begins a comment that goes on to the end of its line. */
  readonly line: RegExp;
  /** What ends the comments that begin with each of these. */
  readonly blocks: Readonly<Record<string, string>>;
  /** Whether texts in quotes and blocks go on behind the end of their line. */
  readonly isExact?: boolean;
}

const SLASH_BLOCK = { "/*": "*/" };
// An address has two strokes as well, and a fragment a hash.
const SLASHES = /(?<!:)\/\//y;
const HASH = /(?<!\S)#/y;
const DASHES = /(?<!\S)--(?!\S)/y;
const ANY = /(?<!:)\/\/|(?<!\S)(?:[#;%]|--(?!\S))/y;

const JSON_STYLE: Style = { line: /\/\//y, blocks: SLASH_BLOCK, isExact: true };
// Pages hold pieces of other files.
const ANY_STYLE: Style = { line: ANY, blocks: { ...SLASH_BLOCK, "<!--": "-->" } };
const STYLES: readonly (readonly [RegExp, Style])[] = [
  [/\.(?:jsonc|json5|jsonl|ndjson|map|har|ipynb|tfstate|webmanifest)$/i, JSON_STYLE],
  [
    /\.(?:ya?ml|sh|bash|zsh|fish|py|pyi|rb|pl|pm|r|jl|exs?|toml|ps1|nim|properties)$|(?:^|\/)(?:Dockerfile|Makefile)$/i,
    { line: HASH, blocks: {} },
  ],
  [
    /\.(?:[cm]?[jt]sx?|go|rs|java|kts?|scala|groovy|gradle|c|cc|cpp|h|hpp|cs|swift|dart|s?css|zig)$/i,
    { line: SLASHES, blocks: SLASH_BLOCK },
  ],
  [/\.(?:sql|lua|hs)$/i, { line: DASHES, blocks: SLASH_BLOCK }],
];

/**
 * The comments of a text.
 *
 * @param path of its file. Where its ending is none that is known, whatever is a comment somewhere is one.
 */
export function commentsOf(text: string, path: string): Comments {
  const style = styleOf(path);
  const isExact = style.isExact === true;
  const lines = isExact ? [{ 0: text, index: 0 }] : text.matchAll(/[^\r\n]+/g);
  const comments: Comment[] = [];
  for (const { 0: line, index } of lines) {
    for (const { start, end } of commentsIn(line, style))
      comments.push({ start: index + start, end: index + end });
  }
  return { comments, isExact };
}

function styleOf(path: string): Style {
  const format = formatOfName(path);
  if (format === "json") return JSON_STYLE;
  if (format !== undefined) return { line: HASH, blocks: {} };
  return STYLES.find(([ending]) => ending.test(path))?.[1] ?? ANY_STYLE;
}

function* commentsIn(text: string, style: Style): Generator<Comment> {
  const starts = /["`]|(?<!\w)'|\/\*|<!--|\/\/|--|[#;%]/g;
  const unclosed = new Set<string>();
  for (let found = starts.exec(text); found !== null; found = starts.exec(text)) {
    const { 0: sign, index: start } = found;
    if (/["'`]/.test(sign)) {
      const end = unclosed.has(sign) ? undefined : closingQuote(text, start);
      // An apostrophe, where it is no text that goes on.
      if (end === undefined) unclosed.add(sign);
      starts.lastIndex = end ?? (style.isExact === true ? text.length : start + 1);
      continue;
    }
    const end = commentEnd(text, { sign, start }, style);
    if (end === undefined) continue;
    yield { start, end };
    starts.lastIndex = end;
  }
}

function commentEnd(
  text: string,
  { sign, start }: { readonly sign: string; readonly start: number },
  { line, blocks }: Style,
): number | undefined {
  const closing = blocks[sign];
  if (closing !== undefined) {
    const at = text.indexOf(closing, start + sign.length);
    return at < 0 ? text.length : at + closing.length;
  }
  line.lastIndex = start;
  if (!line.test(text)) return undefined;
  const end = text.slice(start).search(/[\r\n]/);
  return end < 0 ? text.length : start + end;
}

function closingQuote(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === text[start]) return at + 1;
    if (text[at] === "\\") at += 1;
  }
  return undefined;
}
