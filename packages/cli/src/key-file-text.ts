/** Telling key files from other files by their text, so that none is printed, parsed or replaced. */
import { parseKeyText } from "@proxmox-mcp/crypto";
import { everyKey, isKeyShaped } from "@proxmox-mcp/crypto/internal";

// A line of one key of any length that was ever in use, with room for a mark before it.
const SHORT_LINE = 100;
// Shorter words that base64 could hold are names in a .env file, or just words.
const OLD_KEY_BYTES = 16;
const SHORTEST_KEY_BYTES = 8;

/** Whether a text is that of a key file and nothing else: it holds keys and comments alone. */
export function isKeyFileText(text: string): boolean {
  // Every config comes by here, and the first character of most of them decides.
  if (!/^\s*[\w#+/-]/.test(text)) return false;
  let isEmpty = true;
  for (const word of wordsWithoutComments(text)) {
    if (!isKeyShaped(word)) return isOldKeyText(text);
    isEmpty = false;
  }
  return !isEmpty;
}

/** Whether a text holds a master key anywhere: alone, as a variable, or beside other things. */
export function holdsMasterKey(text: string): boolean {
  if (namesMasterKey(text) || wordsOf(text, /[\s="'`]+/).some(isKeyShaped)) return true;
  const isShortLine = text.length <= SHORT_LINE && !/[\r\n]/.test(text.trim());
  return isShortLine && areLong(keyLengths(text), SHORTEST_KEY_BYTES);
}

// Keys hold both cases; a .env file whose one line is `NAME=` could be read as a key, and is none.
function isOldKeyText(text: string): boolean {
  return areLong(keyLengths(text), OLD_KEY_BYTES) && /[a-z]/.test(text) && /[A-Z]/.test(text);
}

function areLong(lengths: readonly number[], shortest: number): boolean {
  return lengths.length > 0 && lengths.every((length) => length >= shortest);
}

function keyLengths(text: string): readonly number[] {
  try {
    return everyKey(parseKeyText(text)).map(({ bytes }) => bytes.length);
  } catch {
    return [];
  }
}

// The names of a key's file and of its command give no key away, and stand in many a .env file.
function namesMasterKey(text: string): boolean {
  const names = text.matchAll(/^[^#\r\n=]*?(\w*MASTER_KEY\w*)["']?[ \t]*=[ \t]*\S/gm);
  return [...names].some(([, name = ""]) => !/_(FILE|COMMAND)$/.test(name));
}

// The first words decide: a large text is not taken apart as a whole.
function* wordsWithoutComments(text: string): Generator<string> {
  for (const [line] of text.matchAll(/.+/g)) yield* wordsOf(line.replace(/(^|\s)#.*/, ""), /\s+/);
}

function wordsOf(text: string, separator: RegExp): readonly string[] {
  return text
    .split(separator)
    .filter((word) => word !== "")
    .map((word) => word.replace(/^next:/, ""));
}
