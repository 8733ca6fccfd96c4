/** The commands of a sink, as people write them. */
import { type CommandHolder, splitCommand } from "../command-line.ts";
import { ProxmoxMcpError } from "../errors.ts";
import { redactKeys } from "../key/key-shape.ts";

/** The command that stores a key text, and the one that reads it back. Neither holds a key. */
export interface Sink {
  readonly argv: readonly string[];
  /** Prints the key text that is stored. */
  readonly verifyArgv?: readonly string[];
  /** Milliseconds until one of them counts as hung. Default: 60 000. */
  readonly timeLimit?: number;
}

/** The flags, for errors. */
export const SINK_FLAG = "--new-key-sink";
export const VERIFY_FLAG = "--sink-verify";

const SINK: CommandHolder = {
  name: SINK_FLAG,
  code: "USAGE",
  wanted: "write the command that stores what it reads from its standard input",
};
const VERIFY: CommandHolder = {
  name: VERIFY_FLAG,
  code: "USAGE",
  wanted: "write the command that prints the key text that is stored, or leave it out",
};

/**
 * Reads the commands as they are given on the command line; they are split into words and never see a
 * shell.
 *
 * @param timeLimit - milliseconds.
 * @throws ProxmoxMcpError USAGE for an empty command, a quote that is not closed, or a key in it:
 * whoever lists the processes of a machine sees the arguments of all.
 */
export function parseSink(command: string, verify?: string, timeLimit?: number): Sink {
  return {
    argv: parseCommand(command, SINK),
    ...(verify === undefined ? {} : { verifyArgv: parseCommand(verify, VERIFY) }),
    ...(timeLimit === undefined ? {} : { timeLimit }),
  };
}

function parseCommand(command: string, holder: CommandHolder): readonly string[] {
  const argv = splitCommand(command, holder);
  // Quotes may hide one, and so may what stands around a word.
  if (![command, ...argv].some((text) => redactKeys(text) !== text)) return argv;
  throw new ProxmoxMcpError(holder.code, `${holder.name} holds a key`, {
    hint: "take it out: the command gets the key text on its standard input",
  });
}
