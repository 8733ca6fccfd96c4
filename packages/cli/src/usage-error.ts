/** What commander objects to, in our form. No value is quoted: it may be a secret in a wrong place. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { didYouMean } from "@proxmox-mcp/crypto/internal";
import type { CommanderError } from "commander";
import { COMMANDS, firstWord } from "./legacy-arguments.ts";

/** The failure of a command line that cannot be understood. */
export function usageError(error: CommanderError, argv: readonly string[]): ProxmoxMcpError {
  const command = argv.find((word) => (COMMANDS as readonly string[]).includes(word));
  const help = `\`proxmox-mcp-encrypt ${command === undefined ? "" : `${command} `}--help\` shows what can be written`;
  const isNoCommand =
    error.code === "commander.unknownCommand" || error.code === "commander.excessArguments";
  const message =
    isNoCommand && command === undefined
      ? unknownCommand(firstWord(argv) ?? "")
      : withoutValues(error.message);
  return new ProxmoxMcpError("USAGE", message, { hint: help });
}

function unknownCommand(word: string): string {
  const shown = word.length <= 32 && /^[a-z]+(-[a-z]+)*$/i.test(word) ? ` '${word}'` : "";
  return `unknown command${shown}${didYouMean(word, COMMANDS)}`;
}

// Names of options stay; values go, and what stands in the place of an option and looks like none.
function withoutValues(message: string): string {
  return message
    .replace(/^error: /, "")
    .replace("(outputHelp)", "the command is missing, or there is none with this name")
    .replace("(Did you mean", "(did you mean")
    .replace(/^(option '[^']*' argument) '.*'(?= is invalid)/s, "$1")
    .replace(/^unknown option '(.*)'/s, (_, flag: string) => {
      const [name] = /^(--[a-z][a-z-]{0,31}(?==|$)|-\w)/.exec(flag) ?? [];
      return name === undefined ? "unknown option" : `unknown option '${name}'`;
    })
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
}
