/** Texts that stand in a text in Base64: the `data:` of a Secret of Kubernetes, an argument, an address. */
import { isUtf8 } from "node:buffer";
import { isUuid } from "../../secret-looking.ts";
import { isRegular } from "./regular.ts";

/** A text, and the range of the Base64 that it stands in. */
export interface EncodedText {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

// A name and a short password.
const LEAST_LENGTH = 24;
const RUN = new RegExp(`(?<![\\w+/-])[A-Za-z0-9+/]{${LEAST_LENGTH},}={0,2}`, "g");
const NEXT_LINE = /\r?\n[ \t]{0,80}([A-Za-z0-9+/]{4,}={0,2})(?![\w+/:=-])/y;
// A Secret of Kubernetes has no more.
const MAX_LENGTH = 1024 * 1024;
// So much of it shows whether the rest is worth decoding.
const SAMPLE = 64;
// Bytes of UTF-8, one by one, may have the numbers of some.
const CONTROL = /[^\P{Cc}\t\n\v\f\r\x80-\x9f]/u;

/** The texts in Base64, in the order of the text. Lines that go on belong together. */
export function* encodedTexts(text: string): Generator<EncodedText> {
  let behind = 0;
  for (const { 0: first, index } of text.matchAll(RUN)) {
    if (index < behind || !isReadable(first.slice(0, SAMPLE))) continue;
    const { encoded, end } = withNextLines(text, first, index + first.length);
    behind = end;
    const bytes = Buffer.from(encoded.slice(0, MAX_LENGTH), "base64");
    if (!isUtf8(bytes)) continue;
    const decoded = bytes.toString("utf8");
    if (!CONTROL.test(decoded)) yield { text: decoded, start: index, end };
  }
}

/** Whether a text is the secret of an API token of Proxmox VE, and nothing else. */
export function isSecretAlone(text: string): boolean {
  return isUuid(text.trim()) && !isRegular(text.trim());
}

function withNextLines(text: string, first: string, end: number): { encoded: string; end: number } {
  const lines = [first];
  let [last, length, at] = [first, first.length, end];
  while (last.length % 4 === 0 && !last.endsWith("=") && length < MAX_LENGTH) {
    NEXT_LINE.lastIndex = at;
    const [whole = "", line = ""] = NEXT_LINE.exec(text) ?? [];
    if (line === "" || !isReadable(line.slice(0, SAMPLE))) break;
    lines.push(line);
    [last, length, at] = [line, length + line.length, at + whole.length];
  }
  return { encoded: lines.join(""), end: at };
}

function isReadable(sample: string): boolean {
  return !CONTROL.test(Buffer.from(sample, "base64").toString("latin1"));
}
