/** "Did you mean": the known name that is nearest to a mistyped one. */
import { closest, distance } from "fastest-levenshtein";

/** @returns the nearest of `known`, or `undefined` where none is near enough to be meant. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word === "" || known.length === 0) return undefined;
  const nearest = closest(
    word.toLowerCase(),
    known.map((name) => name.toLowerCase()),
  );
  const tolerance = Math.max(2, Math.floor(word.length / 3));
  if (distance(word.toLowerCase(), nearest) > tolerance) return undefined;
  return known.find((name) => name.toLowerCase() === nearest);
}

/** The suggestion as the tail of a sentence: ` (did you mean X?)`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest = suggest(word, known);
  return nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
}

/** Whether a word is a known name but for its case, or one letter too many, too few or wrong. */
export function isSlipOf(word: string, known: string): boolean {
  return distance(word.toLowerCase(), known.toLowerCase()) <= 1;
}
