/** Tokens in a text of any kind, where no document tells what is a value. */
import { isSealed, stateOf } from "./token.ts";

/** A token as it is spelled in a text. */
export interface FoundToken {
  readonly token: string;
  /** The offset of its first character, in UTF-16 code units. */
  readonly start: number;
}

const PREFIX = "enc:";
// A salt is 16 or 17 bytes long. What is sealed begins with Fernet's version byte, so here with "Z".
const CANDIDATE = /enc:(?:[\w-]{22}(?:==|[\w-]=):)?Z[\w-]*={0,2}/g;
const OPEN_END = /enc:(?:[\w-]{0,23}={0,2}|(?:[\w-]{22}(?:==|[\w-]=):)?(?:Z[\w-]*={0,2})?)$/y;
// The Fernet token of an empty text, encoded once more.
const LEAST_LENGTH = PREFIX.length + 136;

/**
 * Finds every token of a text, those of a newer version among them. What only begins like one is
 * passed by. Takes linear time.
 *
 * Not found is a token that is spelled with escapes or over several lines: whoever reads the text's
 * own format sees it, as a value.
 */
export function* findTokens(text: string): Generator<FoundToken> {
  const pattern = new RegExp(CANDIDATE);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [token] = match;
    if (isToken(token)) yield { token, start: match.index };
    // What follows the prefix may hold the next one.
    else pattern.lastIndex = match.index + PREFIX.length;
  }
}

/**
 * The offset from which on a text must be looked at again when more of it comes, because a token may
 * begin there and go on behind the end; the length of the text where there is none.
 */
export function openEndOf(text: string): number {
  let open = text.length;
  for (
    let start = text.lastIndexOf(PREFIX);
    start >= 0 && reachesEnd(text, start);
    start = start === 0 ? -1 : text.lastIndexOf(PREFIX, start - 1)
  ) {
    open = start;
  }
  if (open < text.length) return open;
  const begun = [3, 2, 1].find((length) => text.endsWith(PREFIX.slice(0, length))) ?? 0;
  return text.length - begun;
}

function isToken(candidate: string): boolean {
  if (candidate.length < LEAST_LENGTH) return false;
  const state = stateOf(candidate);
  return isSealed(state) || state === "newer";
}

function reachesEnd(text: string, start: number): boolean {
  OPEN_END.lastIndex = start;
  return OPEN_END.test(text);
}
