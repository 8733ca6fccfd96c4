/** What stands where a secret would, and is none: placeholders, examples, and what others sealed. */
import { isTokenLike } from "../../token.ts";

// `${NAME}`, `$NAME`, `$(command)`, `{{ name }}`, `<name>`, `%NAME%`, `%s`, `{name}`, `[name]`, `@name@`.
const REFERENCE =
  /\$\{|^(?:\$[A-Za-z_]\w*[^\w$]*)+$|^\$\(|\{\{|<[\w .:/-]{1,60}>|^%\w+%?$|%\(\w+\)s|^\{[^{}]*\}$|^\[[^[\]]*\]$|^@\w+@$|^process\.env|^os\.environ/;
const MARK =
  /examp[l1]e|change[-_ ]?(?:me|it|this)|placeholder|redacted|dummy|replace[-_ ]?(?:me|with|this)|insert[-_ ]|goes[-_ ]here|\btodo\b|x{4}|\*{3}|\.{3}|\u2026|(?<![a-z])your[-_ ]/i;
// Ansible Vault, SOPS, dotenvx, age and PGP.
const SEALED_BY_OTHERS =
  /^\s*(?:\$ANSIBLE_VAULT;|ENC\[|encrypted:|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE)-----)/;
// So many of the steps from one character to the next are small: in random hex it is a fifth.
const REGULAR_SHARE = 0.7;
const REGULAR_SHARE_OF_LONG = 0.55;
const LONG = 32;
// `00010203`, `a1b2c3d4` and `deadbeefdeadbeef` count in steps of several characters.
const STRIDES = [1, 2, 4, 8];
// Shorter ones are weak passwords, and as real as others.
const REGULAR_LENGTH = 16;

/** Whether a text is empty, sealed, or stands for a value that is elsewhere or nowhere. */
export function isStandIn(text: string): boolean {
  return (
    text.trim() === "" ||
    isTokenLike(text) ||
    REFERENCE.test(text) ||
    MARK.test(text) ||
    SEALED_BY_OTHERS.test(text) ||
    isRegular(text)
  );
}

/**
 * Whether a text counts on, or repeats itself, as those do that people make up for an example:
 * `00000000-aaaa-bbbb-cccc-eeeeeeeeeeee`, `12345678-1234-…`, `abcdefgh01234567`.
 */
export function isRegular(text: string): boolean {
  const characters = [...text.toLowerCase().replaceAll("-", "")];
  return characters.length >= REGULAR_LENGTH && isRegularSequence(characters.map(numberOf));
}

/** As `isRegular`, for the bytes of a key. */
export function isRegularSequence(numbers: ArrayLike<number>): boolean {
  const least = numbers.length < LONG ? REGULAR_SHARE : REGULAR_SHARE_OF_LONG;
  return STRIDES.some((stride) => shareOfSmallSteps(numbers, stride) >= least);
}

function shareOfSmallSteps(numbers: ArrayLike<number>, stride: number): number {
  let small = 0;
  for (let index = stride; index < numbers.length; index += 1) {
    const step = (numbers[index] ?? 0) - (numbers[index - stride] ?? 0);
    if (Math.abs(step) <= 1) small += 1;
  }
  return small / (numbers.length - stride);
}

// From 9 to a is one step, as in hex.
function numberOf(character: string): number {
  const code = character.charCodeAt(0);
  return code >= 0x30 && code <= 0x39 ? code - 0x30 : code - 0x61 + 10;
}

/** The default of the last placeholder that has one, as in `${NAME:-default}`. */
export function defaultOf(text: string): string | undefined {
  let found: string | undefined;
  for (const part of text.split("}")) {
    const start = part.indexOf("${");
    const mark = part.lastIndexOf(":-");
    if (start >= 0 && mark > start + 1) found = part.slice(mark + 2);
  }
  return found;
}
