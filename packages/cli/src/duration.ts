/** Durations as people write them: a whole number and a unit. */

const MINUTE = 60_000;
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: MINUTE,
  h: 60 * MINUTE,
  d: 24 * 60 * MINUTE,
  w: 7 * 24 * 60 * MINUTE,
};

/** @returns milliseconds, or `undefined` for anything but a whole number with s, m, h, d or w. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})([smhdw])$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}

/** An age in the largest unit that fits, such as `3d`; `0m` for anything below a minute. */
export function formatAge(milliseconds: number): string {
  for (const unit of ["d", "h"]) {
    const size = UNITS[unit] ?? MINUTE;
    if (milliseconds >= size) return `${Math.floor(milliseconds / size)}${unit}`;
  }
  return `${Math.max(0, Math.floor(milliseconds / MINUTE))}m`;
}
