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

/**
 * Splits a command into its arguments: at white space, with single and double quotes around words
 * that hold some. There is no shell, so nothing else has a meaning.
 *
 * @throws ProxmoxMcpError with the holder's code, for an empty command or a quote that is not closed.
 */
export function splitCommand(command: string, holder: CommandHolder): readonly string[] {
  const { name, code, wanted } = holder;
  const argv: string[] = [];
  const pattern = /\s*(?:[^\s"']|"[^"]*"|'[^']*')+/y;
  const trimmed = command.trim();
  while (pattern.lastIndex < trimmed.length) {
    const match = pattern.exec(trimmed);
    if (match === null) {
      throw new ProxmoxMcpError(code, `${name} has a quote that is not closed`, {
        hint: "close the quote; the command runs without a shell",
      });
    }
    const [word] = match;
    argv.push(word.trimStart().replace(/(["'])(.*?)\1/gs, "$2"));
  }
  if (argv.length === 0 || argv[0] === "") {
    throw new ProxmoxMcpError(code, `${name} is empty`, { hint: wanted });
  }
  return argv;
}
