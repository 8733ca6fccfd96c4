/** What a program that was given keys said before it failed, as far as people may see it. */
import { stripVTControlCharacters } from "node:util";
import { everyKey, formatKeyText, type KeyText } from "../key/key-text.ts";

const MAX_LENGTH = 200;
const HIDDEN = "[hidden]";
/** So many characters in a row of a key are a part of it; fewer occur in any text. */
const TELLING = 8;
/** What keys, tokens and hashes are written in, in every usual encoding. */
const RUN = /[A-Za-z0-9+/_=%\\-]{16,}/g;
/** A part of an address or of a name, unlike one of a random text. */
const WORD = /^(?:[A-Z]?[a-z]*|[A-Z]*|[0-9]{1,6})$/;

/**
 * The last line of a program's standard error. A line that holds a part of one of the keys, in
 * base64, in hex or within the base64 of their text, is not shown at all; of any other, whatever
 * looks random is hidden, for a program has secrets of its own.
 *
 * @returns a sentence, or `undefined` where it said nothing.
 */
export function lastWords(complaint: string, keys: KeyText): string | undefined {
  const lines = stripVTControlCharacters(complaint)
    .split(/[\r\n]+/)
    .map((line) => line.replace(/\p{Cc}/gu, " ").trim());
  const last = lines.filter((line) => line !== "").at(-1);
  if (last === undefined) return undefined;
  if (holdsPart(last, keys)) return "What it said is not shown: it holds a part of a key";
  const shown = last.replace(RUN, (run) => (isNamed(run) ? run : HIDDEN));
  const cut = shown.length > MAX_LENGTH ? `${shown.slice(0, MAX_LENGTH)}…` : shown;
  return `It said: ${cut.replace(/\.+$/, "")}`;
}

function isNamed(run: string): boolean {
  return run.split(/[^A-Za-z0-9]+/).every((part) => WORD.test(part));
}

function holdsPart(line: string, keys: KeyText): boolean {
  const lower = line.toLowerCase();
  return spellings(keys).some((spelling) => {
    for (let start = 0; start + TELLING <= spelling.length; start++) {
      if (lower.includes(spelling.slice(start, start + TELLING))) return true;
    }
    return false;
  });
}

/** Everything in small letters: a program may print hex in either case. */
function spellings(keys: KeyText): readonly string[] {
  const text = formatKeyText(keys);
  return [
    ...everyKey(keys).flatMap((key) => [
      key.reveal().replace(/=+$/, ""),
      key.bytes.toString("base64"),
      key.bytes.toString("hex"),
    ]),
    // What stands before the text shifts its base64.
    ...["", " ", "  "].map((before) => Buffer.from(before + text).toString("base64")),
  ].map((spelling) => spelling.toLowerCase());
}
