/** Measures as rules compare them and sentences say them. */

/** @returns `undefined` where either is unknown or the whole is nothing. */
export function fractionOf(
  part: number | undefined,
  whole: number | undefined,
): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : part / whole;
}

/** Four places: enough for evidence, and the same on every machine. */
export function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** As in `91.3 %`. One place is kept, so that what is above a limit does not read like the limit. */
export function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10} %`;
}

/** As in `12.5 GiB`. */
export function gibibytes(bytes: number): string {
  return `${Math.round((bytes / 1024 ** 3) * 10) / 10} GiB`;
}

// Enough to begin with; a list of thousands helps nobody.
const LISTED = 20;

/** The first ids, and how many more there are. */
export function listed(ids: readonly (string | number)[]): string {
  const first = ids.slice(0, LISTED).join(", ");
  return ids.length > LISTED ? `${first} and ${ids.length - LISTED} more` : first;
}

/** Whole days between two times in seconds since 1970. */
export function daysBetween(from: number, to: number): number {
  return Math.floor((to - from) / 86_400);
}
