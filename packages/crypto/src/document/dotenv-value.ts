/**
 * Reads one value of a .env file. Its text is what python-dotenv reads; where node, dotenv, Docker
 * Compose or a POSIX shell would read something else, the value says so.
 */
import type { Value } from "./document.ts";
import type { Source } from "./source.ts";

/** A value without its name. */
type DotenvValue = Pick<Value, "text" | "start" | "end" | "ambiguity">;

type Quote = "'" | '"';

const disagree = (on: string, remedy: string): string =>
  `readers of .env files disagree on ${on}; ${remedy}`;
const UNQUOTED = disagree(
  "blanks and special characters without quotes",
  "put it in single quotes",
);
const HASH = disagree(
  "a # that no blank precedes",
  "put a blank before it, or the value in quotes",
);
const CARRIAGE_RETURN = disagree("a carriage return in quotes", "end the line with a line feed");
const BACKSLASH = disagree("a backslash in double quotes", "write it in single quotes");
const DOLLAR = disagree("$ and ` in double quotes", "write it in single quotes");
const ESCAPE = disagree("\\\\ and \\' in single quotes", "choose a value without them");
const SINGLE_QUOTED_PLACEHOLDER = disagree("${ in single quotes", "write it in double quotes");
const WITHOUT_BACKSLASH = "write the value without a backslash before a quote";
const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const WHERE_IT_ENDS = "readers of .env files disagree on where this value ends";

/**
 * Reads the value that starts at `start`.
 *
 * @throws ProxmoxMcpError SYNTAX for a quote that is not closed; AMBIGUOUS where readers disagree on
 * which lines belong to the value.
 */
export function readDotenvValue(source: Source, start: number, location: string): DotenvValue {
  const quote = source.text.charAt(start);
  if (quote === "'" || quote === '"') return readQuoted(source, start, quote, location);
  return readUnquoted(source, start);
}

function readUnquoted(source: Source, start: number): DotenvValue {
  const line = /[^\r\n]*/y;
  line.lastIndex = start;
  const rest = line.exec(source.text)?.[0] ?? "";
  const spelling = rest.slice(0, startOfComment(rest)).replace(/(?<![ \t])[ \t]+$/, "");
  const comment = spelling.search(/\s#/);
  const text = (comment < 0 ? spelling : spelling.slice(0, comment)).trimEnd();
  const value = { text, start, end: start + spelling.length };
  const literal = withoutPlaceholders(spelling);
  if (literal.includes("#")) return { ...value, ambiguity: HASH };
  return /[\s\p{Cc}\\$`"';&|<>()~]/u.test(literal) ? { ...value, ambiguity: UNQUOTED } : value;
}

function startOfComment(line: string): number {
  const blank = line.search(/[ \t]#/);
  return blank < 0 ? line.length : blank;
}

function readQuoted(source: Source, start: number, quote: Quote, location: string): DotenvValue {
  const end = closingQuote(source, start, quote, location) + 1;
  const raw = source.text.slice(start + 1, end - 1);
  const unfolded = raw.replaceAll("\r\n", "\n");
  const found = {
    text: quote === '"' ? decodeDouble(unfolded) : decodeSingle(unfolded),
    start,
    end,
  };
  const ambiguity =
    source.text.charAt(end) === "#"
      ? HASH
      : quote === '"'
        ? doubleAmbiguity(raw)
        : singleAmbiguity(raw);
  return ambiguity === undefined ? found : { ...found, ambiguity };
}

function closingQuote(source: Source, start: number, quote: Quote, location: string): number {
  const { text } = source;
  let escaped = false;
  for (let at = text.indexOf(quote, start + 1); at >= 0; at = text.indexOf(quote, at + 1)) {
    const backslashes = backslashesBefore(text, at);
    const closes = backslashes === 0;
    // Some readers know no escapes: for them the value ends at the first quote, and other lines begin.
    const isDisputed = closes
      ? escaped && text.slice(start, at).includes("\n")
      : backslashes % 2 === 0;
    if (isDisputed) {
      throw source.fault("AMBIGUOUS", WHERE_IT_ENDS, start, { location, hint: WITHOUT_BACKSLASH });
    }
    if (closes) return at;
    escaped = true;
  }
  throw source.fault("SYNTAX", "this quote is not closed", start, { location });
}

function backslashesBefore(text: string, offset: number): number {
  let count = 0;
  while (text.charAt(offset - count - 1) === "\\") count += 1;
  return count;
}

function decodeDouble(raw: string): string {
  return raw.replace(/\\([\\'"abfnrtv])/g, (_, code: string) => ESCAPES[code] ?? code);
}

function decodeSingle(raw: string): string {
  return raw.replace(/\\([\\'])/g, "$1");
}

function doubleAmbiguity(raw: string): string | undefined {
  if (raw.includes("\\")) return BACKSLASH;
  if (/[$`]/.test(withoutPlaceholders(raw))) return DOLLAR;
  return raw.includes("\r") ? CARRIAGE_RETURN : undefined;
}

function singleAmbiguity(raw: string): string | undefined {
  if (/\\[\\']/.test(raw)) return ESCAPE;
  if (raw.includes("${")) return SINGLE_QUOTED_PLACEHOLDER;
  return raw.includes("\r") ? CARRIAGE_RETURN : undefined;
}

/** Looks at each character once: a pattern would search for the end of every placeholder anew. */
function withoutPlaceholders(text: string): string {
  const parts: string[] = [];
  let position = 0;
  for (;;) {
    const start = text.indexOf("${", position);
    const end = start < 0 ? -1 : text.indexOf("}", start);
    if (end < 0) return parts.join("") + text.slice(position);
    parts.push(text.slice(position, start));
    position = end + 1;
  }
}
