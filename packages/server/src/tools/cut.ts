/** Texts that may be too long to pass on. */

/** The start of a text, in at most so many bytes of UTF-8, cut between two characters. */
export function cutToBytes(
  text: string,
  limit: number,
): { readonly text: string; readonly isCut: boolean } {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return { text: bytes.toString(), isCut: false };
  let end = limit;
  // Bytes of the form 10xxxxxx continue a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return { text: bytes.subarray(0, end).toString(), isCut: true };
}
