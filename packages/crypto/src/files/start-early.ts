/**
 * A key that is derived while the program is still being loaded. A program that knows only its arguments
 * guesses what it will ask for: derivation and loading take about as long, and each has a core.
 */
import { randomBytes } from "node:crypto";
import { firstSalt } from "../first-salt.ts";
import { type StartedDerivation, startDerivation } from "../key/derive.ts";
import { parseKeyText } from "../key/key-text.ts";
import { chooseKeySources, type KeySource, type KeySourceQuestion } from "../key/source.ts";
import { SALT_LENGTH, saltOf } from "../token.ts";
import { readKeyFile } from "./key-file.ts";
import { isRegularFile, readTextFile } from "./read.ts";

/** Large documents take much longer than a derivation, and should not be held twice. Bytes. */
const MAX_BYTES = 1024 * 1024;

/** What a program will most likely do. */
export interface Guess {
  readonly key: KeySourceQuestion;
  /** The file that it works on. */
  readonly path: string;
  /** Whether it opens what the file holds, or seals anew. */
  readonly work: "open" | "seal bound" | "seal unbound";
}

/**
 * Begins to derive the key of a file's first token, or one to seal with. Nothing is decided here: the
 * program finds its key and reads its file as ever, and takes this where it asks for exactly this.
 *
 * @returns `undefined` where nothing is to be gained, or anything is in the way, which the program will
 * say. Commands that print a key are not run, and keyrings not asked.
 */
export function startEarly({ key, path, work }: Guess): StartedDerivation | undefined {
  try {
    const source = chooseKeySources(key).find(isAtHand);
    if (source === undefined || !isRegularFile(path)) return undefined;
    const salt =
      work === "open"
        ? firstSalt(readTextFile(path, { maxBytes: MAX_BYTES }).text)
        : saltOf(randomBytes(SALT_LENGTH), work === "seal bound");
    return salt && startDerivation(parseKeyText(textOf(source)).active.bytes, salt);
  } catch {
    return undefined;
  }
}

type AtHand = Extract<KeySource, { kind: "file" | "variable" }>;

function isAtHand(source: KeySource): source is AtHand {
  return source.kind === "file" || source.kind === "variable";
}

function textOf(source: AtHand): string {
  return source.kind === "file" ? readKeyFile(source.path).text : source.text;
}
