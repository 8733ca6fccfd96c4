/** One pattern of `policy.exec.allow`: a command line with wildcards, compared word by word. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { splitParts, type WordPart } from "@proxmox-mcp/crypto/internal";

/** A pattern, ready to be compared. */
export interface CommandPattern {
  /** Each word as the pieces around its wildcards. */
  readonly words: readonly (readonly string[])[];
  /** Whether any further words may follow. */
  readonly open: boolean;
}

/**
 * Reads a pattern, split into words as a command is. `*` stands for any characters inside one word,
 * for none too; a last word `**` for any further words. In quotes a star is a star.
 *
 * @throws ProxmoxMcpError SCHEMA for a pattern that cannot be read. It allows nothing then.
 */
export function parseCommandPattern(pattern: string): CommandPattern {
  const all = splitParts(pattern, {
    name: "a pattern of policy.exec.allow",
    code: "SCHEMA",
    wanted: "write a command line, as in systemctl status *",
  }).map(piecesOf);
  const open = isAnyWords(all.at(-1) ?? []);
  const words = open ? all.slice(0, -1) : all;
  if (words.some(isAnyWords)) {
    throw new ProxmoxMcpError("SCHEMA", "** is not the last word of a pattern", {
      where: { location: "/policy/exec/allow" },
      hint: "** stands for any further words and can only end a pattern; * stands for one word",
    });
  }
  return { words, open };
}

function piecesOf(parts: readonly WordPart[]): readonly string[] {
  return parts.reduce<readonly string[]>(
    (pieces, { text, isQuoted }) => {
      const [first = "", ...rest] = isQuoted ? [text] : text.split("*");
      return [...pieces.slice(0, -1), `${pieces.at(-1) ?? ""}${first}`, ...rest];
    },
    [""],
  );
}

function isAnyWords(pieces: readonly string[]): boolean {
  return pieces.length === 3 && pieces.every((piece) => piece === "");
}

/** Whether a pattern allows a command. Words are compared one by one, never as a joined text. */
export function matchesPattern({ words, open }: CommandPattern, argv: readonly string[]): boolean {
  if (open ? argv.length < words.length : argv.length !== words.length) return false;
  return words.every((pieces, index) => matchesWord(pieces, argv[index] ?? ""));
}

// A program reads a leading hyphen as an option, and `..` as the way out of a directory: neither is
// what a wildcard was written for. Windows has paths with backslashes.
const LEAVES_DIRECTORY = /(?:^|[/\\])\.\.(?:[/\\]|$)/;

// The leftmost place for each piece is never worse than a later one, so there is nothing to try again.
function matchesWord([first = "", ...rest]: readonly string[], word: string): boolean {
  const last = rest.pop();
  if (last === undefined) return word === first;
  if (!word.startsWith(first) || LEAVES_DIRECTORY.test(word)) return false;
  if (first === "" && word.startsWith("-")) return false;
  let position = first.length;
  for (const piece of rest) {
    const found = word.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return word.length - last.length >= position && word.endsWith(last);
}
