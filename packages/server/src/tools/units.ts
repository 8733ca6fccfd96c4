/** Numbers as people read them, in the text of a result. The structured result has them exact. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** As in `1.5 GiB`; `-` where it is not known. */
export function bytes(count: number | null | undefined): string {
  if (count === null || count === undefined) return "-";
  const power = count < 1024 ? 0 : Math.min(Math.floor(Math.log2(count) / 10), UNITS.length - 1);
  const amount = count / 1024 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[power]}`;
}

/** A fraction as in `42 %`; `-` where it is not known. */
export function percent(fraction: number | null | undefined): string {
  return fraction === null || fraction === undefined ? "-" : `${Math.round(fraction * 100)} %`;
}

/** Seconds as in `3d 4h`, `4h 5m`, `5m 6s` or `6s`; `-` where it is not known. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "-";
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [Math.floor(seconds) % 60, "s"],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return "0s";
  return parts
    .slice(first, first + 2)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(" ");
}

/** Seconds since 1970 as ISO 8601 in UTC; `null` where it is not known or no time at all. */
export function isoTime(seconds: number | null | undefined): string | null {
  if (seconds === null || seconds === undefined) return null;
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString().replace(".000Z", "Z");
}
