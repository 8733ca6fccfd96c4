/** Which format a text has, by the name of its file or by its looks. */
import type { DocumentFormat } from "./document.ts";

const BACKUP = /\.backup\.\d{8}_\d{6}$/;
const BLANK_LINE = /[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n)/y;
const ASSIGNMENT = /[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=/y;

/**
 * The format of a text. A backup has the format of the file that it was made from.
 *
 * @param name the name or path of its file, `undefined` for standard input. A name without a known
 * ending decides nothing.
 * @param text JSON where it starts with `{` or `[`, a .env file where its first line that is neither
 * blank nor a comment is an assignment, else YAML.
 */
export function formatOf(name: string | undefined, text: string): DocumentFormat {
  return (name === undefined ? undefined : formatOfName(name)) ?? formatOfText(text);
}

/** The format that the name or path of a file tells; `undefined` where it has no known ending. */
export function formatOfName(path: string): DocumentFormat | undefined {
  const name = path
    .replace(/^.*[/\\]/s, "")
    .replace(BACKUP, "")
    .toLowerCase();
  if (name.endsWith(".json")) return "json";
  if (/\.ya?ml$/.test(name)) return "yaml";
  if (/^\.env(?:\.|$)|\.env$/.test(name)) return "dotenv";
  return undefined;
}

function formatOfText(text: string): DocumentFormat {
  // A byte order mark counts as white space.
  if (/^\s*[{[]/.test(text)) return "json";
  ASSIGNMENT.lastIndex = startOfContent(text);
  return ASSIGNMENT.test(text) ? "dotenv" : "yaml";
}

/** Where the first line begins that is neither blank nor a comment. */
function startOfContent(text: string): number {
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  // Line by line: one pattern for all of them has a choice at each line end, and tries them all.
  for (;;) {
    BLANK_LINE.lastIndex = start;
    if (!BLANK_LINE.test(text)) return start;
    start = BLANK_LINE.lastIndex;
  }
}
