/** One replacement: the characters from `start` up to `end` become `replacement`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/**
 * Applies edits to a text. Everything outside their ranges stays as it is.
 *
 * @throws TypeError where ranges overlap or leave the text.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = [...edits].sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let position = 0;
  for (const { start, end, replacement } of sorted) {
    if (start < position || end < start || end > text.length) {
      throw new TypeError("edits overlap or leave the text");
    }
    parts.push(text.slice(position, start), replacement);
    position = end;
  }
  parts.push(text.slice(position));
  return parts.join("");
}
