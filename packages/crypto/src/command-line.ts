/** A command that people write in one line, for a variable or a flag. No shell ever sees it. */
import { type ErrorCode, ProxmoxMcpError } from "./errors.ts";

/** What a command was given in, for the errors that refuse it. */
export interface CommandHolder {
  /** The variable or flag. */
  readonly name: string;
  readonly code: ErrorCode;
  /** The way out where there is no command at all. */
  readonly wanted: string;
}

/** A stretch of a word, less its quotes, and whether it stood in quotes. */
export interface WordPart {
  readonly text: string;
  readonly isQuoted: boolean;
}

/**
 * Splits a command into its arguments: at white space, with single and double quotes around words
 * that hold some. There is no shell, so nothing else has a meaning.
 *
 * @throws ProxmoxMcpError with the holder's code, for an empty command or a quote that is not closed.
 */
export function splitCommand(command: string, holder: CommandHolder): readonly string[] {
  return splitParts(command, holder).map(joined);
}

/**
 * Splits as `splitCommand` does, for a caller to whom a character means something outside of quotes.
 *
 * @throws ProxmoxMcpError as `splitCommand` does.
 */
export function splitParts(
  command: string,
  { name, code, wanted }: CommandHolder,
): readonly (readonly WordPart[])[] {
  const words: (readonly WordPart[])[] = [];
  const pattern = /\s*((?:[^\s"']|"[^"]*"|'[^']*')+)/y;
  const trimmed = command.trim();
  while (pattern.lastIndex < trimmed.length) {
    const [, word] = pattern.exec(trimmed) ?? [];
    if (word === undefined) {
      throw new ProxmoxMcpError(code, `${name} has a quote that is not closed`, {
        hint: "close the quote; the command runs without a shell",
      });
    }
    words.push(partsOf(word));
  }
  const [first = []] = words;
  if (joined(first) === "") throw new ProxmoxMcpError(code, `${name} is empty`, { hint: wanted });
  return words;
}

function partsOf(word: string): readonly WordPart[] {
  return Array.from(word.matchAll(/"[^"]*"|'[^']*'|[^"']+/g), ([part]) => {
    const isQuoted = part.startsWith('"') || part.startsWith("'");
    return { text: isQuoted ? part.slice(1, -1) : part, isQuoted };
  });
}

function joined(parts: readonly WordPart[]): string {
  return parts.map(({ text }) => text).join("");
}
