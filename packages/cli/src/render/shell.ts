/** Names in command lines that people copy. */

/** Quotes a word for a POSIX shell where it needs that. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
