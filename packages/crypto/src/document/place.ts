/** From an offset to the line and column that an editor shows. */
import type { Place } from "./document.ts";

const BYTE_ORDER_MARK = 0xfeff;

/**
 * Counts the lines of `text` once, on first use. Lines end at `\n`, `\r\n` or a lone `\r`. A byte
 * order mark takes no column.
 */
export function placesOf(text: string): (offset: number) => Place {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    const index = lastAtOrBefore(starts, offset);
    return { line: index + 1, column: Math.max(offset - (starts[index] ?? 0), 0) + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return starts;
}

/** The index of the last entry that is not above `offset`; 0 where all are. */
function lastAtOrBefore(sorted: readonly number[], offset: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
