/** What people make up for an example: it counts on, or repeats itself. */
import { isStandIn } from "../../stand-in.ts";

// So many of the steps from one character to the next are small: in random hex it is a fifth.
const REGULAR_SHARE = 0.7;
const REGULAR_SHARE_OF_LONG = 0.55;
const LONG = 32;
// `00010203`, `a1b2c3d4` and `deadbeefdeadbeef` count in steps of several characters.
const STRIDES = [1, 2, 4, 8];
// Shorter ones are weak passwords, and as real as others.
const REGULAR_LENGTH = 16;

/** Whether a text stands for a value that is elsewhere or nowhere, or was made up for an example. */
export function isNoSecret(text: string): boolean {
  return isStandIn(text) || isRegular(text);
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
