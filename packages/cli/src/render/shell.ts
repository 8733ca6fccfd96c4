/** Names in command lines that people copy. */
import { printable } from "@proxmox-mcp/crypto/internal";

/**
 * Quotes a word for a POSIX shell where it needs that. What a terminal does not show is escaped in
 * `$'...'`, which older shells do not know: bash, zsh and ksh do.
 */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (printable(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${Array.from(word, escaped).join("")}'`;
}

function escaped(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  if (character === "\\" || character === "'") return `\\${character}`;
  return printable(character) === character ? character : octal(character);
}

// Three digits end by themselves, and bytes are the same in every locale.
function octal(character: string): string {
  return Array.from(
    Buffer.from(character),
    (byte) => `\\${byte.toString(8).padStart(3, "0")}`,
  ).join("");
}
