/** Names beside values in a text of any kind: `name = value`, `name: value`, `"name": "value"`. */

/** A name and what stands beside it. */
export interface Assignment {
  /** What follows the last dot of the name, as it is spelled. */
  readonly name: string;
  /** Without its quotes; cut where it is longer than anybody needs to judge it. */
  readonly value: string;
  /** Offset of the value, behind its quote. */
  readonly start: number;
  readonly isQuoted: boolean;
}

// What every name that tells of a secret has in it.
const WORD = /token|secret|passw|passphrase|key|credential/gi;
// Every repetition has a bound, so that no text takes more than linear time.
const MAX_LEAD = 100;
const PATH = /[\w.-]{1,160}/y;
// A type may stand between a name and its value, as in `password: string = "…"`.
const SIGN =
  /(?:\\{0,3}["'`]\]?|\])?[ \t]{0,40}(?::[ \t]{0,4}&?[\w.<>[\]|]{1,40}[ \t]{0,4}(?==))?(?:=>|:=|[!=]={1,2}|\?\?=|\|\|=|[+?]?=|:)\s{0,80}(?:\[\s{0,80})?/y;
const QUOTE = /(?:[a-zA-Z@$&]{0,2})(\\{0,3})(["'`])/y;
const BARE = /[^\s"'`<>(){}[\],;|\\]{1,512}/y;
const MAX_VALUE = 512;
// As in an output of Terraform, `"token": { "value": "…" }`, and a variable of GitLab.
const WITHIN = /(?:\{[^{}]{0,200}?)?(?<![\w.-])(?:value|default)(?=\\{0,3}["']?[ \t]{0,40}[:=])/iy;

/**
 * The assignments of a text, in its order.
 *
 * @param isWanted whether the value beside a name is asked for. What stands in it is then not looked at
 * for further names.
 */
export function* assignmentsOf(
  text: string,
  isWanted: (name: string) => boolean,
): Generator<Assignment> {
  const pattern = new RegExp(WORD);
  for (let word = pattern.exec(text); word !== null; word = pattern.exec(text)) {
    const start = startOfName(text, word.index);
    const path = matchAt(PATH, text, start);
    const end = start + path.length;
    pattern.lastIndex = Math.max(end, pattern.lastIndex);
    const sign = matchAt(SIGN, text, end);
    const name = path.slice(path.lastIndexOf(".") + 1).replace(/^-+|[-_]+$/g, "");
    if (sign === "" || !isWanted(name)) continue;
    const within = matchAt(WITHIN, text, end + sign.length);
    if (within !== "") {
      const inner = valueBeside(text, end + sign.length + within.length);
      if (inner !== undefined) yield { name, ...inner };
      continue;
    }
    const found = valueAt(text, end + sign.length);
    if (found === undefined) continue;
    pattern.lastIndex = Math.max(pattern.lastIndex, found.start + found.value.length);
    yield { name, ...found };
  }
}

/** The value behind the sign that stands at an offset, right behind a name. */
export function valueBeside(text: string, end: number): Omit<Assignment, "name"> | undefined {
  const sign = matchAt(SIGN, text, end);
  return sign === "" ? undefined : valueAt(text, end + sign.length);
}

function startOfName(text: string, position: number): number {
  let start = position;
  while (start > position - MAX_LEAD && /[\w.-]/.test(text.charAt(start - 1))) start -= 1;
  return start;
}

function matchAt(pattern: RegExp, text: string, position: number): string {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0] ?? "";
}

function valueAt(text: string, position: number): Omit<Assignment, "name"> | undefined {
  QUOTE.lastIndex = position;
  const [opening, backslashes = "", quote = ""] = QUOTE.exec(text) ?? [];
  if (opening !== undefined) {
    const start = position + opening.length;
    const value = quotedText(text.slice(start, start + MAX_VALUE), backslashes + quote);
    return { value, start, isQuoted: true };
  }
  const value = matchAt(BARE, text, position);
  // What a function returns, or what is stored under an index, is no value that the text shows.
  if (value === "" || /[([]/.test(text.charAt(position + value.length))) return undefined;
  return { value, start: position, isQuoted: false };
}

/** What stands ahead of the closing quote; a quote may be escaped, and a line end closes it too. */
function quotedText(text: string, quote: string): string {
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith(quote, at) || text[at] === "\n") return text.slice(0, at);
    if (text[at] === "\\") at += 1;
  }
  return text;
}
