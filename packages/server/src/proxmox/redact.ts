/** Keeping secrets out of what people and programs wrote: notes, arguments, logs of tasks. */

/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

// Rather too much than too little.
const SECRET_PARTS: readonly [pattern: RegExp, shown: string][] = [
  [/((?:\bauthorization["']?\s*[:=]\s*["']?(?:\w+\s+)?|\bbearer\s+))[^\s"']+/gi, `$1${REDACTED}`],
  [
    /((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|\bdata)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|\S+)/gi,
    `$1${REDACTED}`,
  ],
  [
    /(--?[\w-]*(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key)\s+)(?:"[^"]*"|'[^']*'|[^\s-]\S*)/gi,
    `$1${REDACTED}`,
  ],
  [/(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g, `$1${REDACTED}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
];

/**
 * A text less what follows words such as `password=`, `--password` and `Bearer`, less passwords in
 * URLs and private keys.
 */
export function redactText<Value extends string | number | undefined>(
  value: Value,
): Value | string {
  if (typeof value !== "string") return value;
  return SECRET_PARTS.reduce<string>((text, [part, shown]) => text.replace(part, shown), value);
}

const KEY_BEGINS = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const KEY_ENDS = /-----END [A-Z ]*PRIVATE KEY-----/;
// A part of a log may be cut out of the middle of a key.
const KEY_BODY = /^\s*[A-Za-z0-9+/]{60,}={0,2}\s*$/;

/** The lines of one text, each as `redactText` leaves it, and none of a key over several lines. */
export function redactLines(lines: readonly string[]): readonly string[] {
  const mark = lines.find((line) => KEY_BEGINS.test(line) || KEY_ENDS.test(line));
  let isInKey = mark !== undefined && !KEY_BEGINS.test(mark);
  return lines.map((line) => {
    const isRest = isInKey;
    const begins = line.search(KEY_BEGINS);
    const ends = line.search(KEY_ENDS);
    isInKey = begins > ends || (isInKey && ends < 0);
    return isRest || KEY_BODY.test(line) ? REDACTED : redactText(line);
  });
}
