/** Keys in a text: master keys of this project, as they are and encoded once more, and private keys. */
import { isKeyShaped } from "../../key/key-shape.ts";
import { parseKeyText } from "../../key/key-text.ts";
import type { Spot } from "./leak.ts";
import { isRegular, isRegularSequence } from "./regular.ts";

const RUN = /[\w+/-]{43,}={0,2}/g;
// Secrets of Kubernetes hold key texts in Base64: a key and a line feed are 60 characters.
const ENCODED = /^[A-Za-z0-9+/]{56,400}={0,2}$/;
const NEXT = "next:";
const MASTER = /master[-_ ]?key|proxmox[-_]mcp[-_]key|fernet|encryption[-_ ]?key/i;
// Of a key pair the public half is no secret, and has the same length.
const ANY_KEY = /key(?!word|board|stroke|frame)/i;
const PUBLIC = /pub(?:lic)?[-_ ]?key|fingerprint|known[-_ ]?hosts|sha-?256|integrity/i;
const PEM =
  /-----BEGIN (?:(?!ENCRYPTED)[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----(?:\s|\\[nr]|["'`+]){0,40}[A-Za-z0-9+/]{40}/g;
const CONTEXT = 160;
const FIRST_WORD = /^\s*([\w+/=-]{43,44})(?!\S)/;

/** Whether a text is nothing but master keys and comments. */
export function isKeyText(text: string): boolean {
  // Every file comes by here, and the first word of most of them decides.
  if (!isKeyShaped(FIRST_WORD.exec(text)?.[1] ?? "")) return false;
  const words = text
    .replace(/(^|\s)#.*/g, "")
    .trim()
    .split(/\s+/);
  const keys = words.map((word) => word.replace(/^next:/, ""));
  return keys.every(isKeyShaped) && !keys.every(isExampleKey) && isParsed(text);
}

/** The keys of a text. */
export function* keySpots(text: string): Generator<Spot> {
  for (const { 0: word, index } of text.matchAll(RUN)) {
    const before = text.slice(Math.max(0, index - CONTEXT), index);
    const isKey = isKeyShaped(word)
      ? !isExampleKey(word) && (before.endsWith(NEXT) || isCalledKey(before, word))
      : ENCODED.test(word) && isKeyText(Buffer.from(word, "base64").toString("latin1"));
    if (isKey) yield spot("master-key", index, word);
  }
  for (const { 0: whole, index } of text.matchAll(PEM)) yield spot("private-key", index, whole);
}

function spot(kind: Spot["kind"], start: number, text: string): Spot {
  return { kind, name: undefined, start, end: start + text.length };
}

// 32 bytes alone are a hash, an id or a public key as well. The padding speaks for a key of Fernet.
function isCalledKey(before: string, word: string): boolean {
  const [line = "", previous = ""] = before.split("\n").reverse();
  if (PUBLIC.test(line)) return false;
  if (MASTER.test(line) || MASTER.test(previous)) return true;
  return word.endsWith("=") && ANY_KEY.test(line);
}

function isExampleKey(word: string): boolean {
  const bytes = Buffer.from(word, "base64");
  return isRegularSequence(bytes) || isRegular(bytes.toString("hex"));
}

function isParsed(text: string): boolean {
  try {
    return parseKeyText(text) !== undefined;
  } catch {
    return false;
  }
}
