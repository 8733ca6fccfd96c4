/** What may be written on the command line. Parsing has no effect but its result. */
import { withKeyringAccount } from "@proxmox-mcp/crypto/internal";
import { Command, CommanderError } from "commander";
import type { Choose, CommandTable } from "./commands/module.ts";
import { MAIN_HELP } from "./help.ts";
import type { Invocation } from "./invocation.ts";
import { LEGACY_FLAGS } from "./legacy-arguments.ts";
import { count, keyringOption } from "./option-values.ts";
import { usageError } from "./usage-error.ts";

/**
 * Parses arguments.
 *
 * @param argv without the interpreter and the script.
 * @param commands those that there are.
 * @throws ProxmoxMcpError USAGE.
 */
export function parseArguments(
  argv: readonly string[],
  version: string,
  commands: CommandTable,
): Invocation {
  let chosen: Invocation | undefined;
  let printed = "";
  const program = declare(version, commands, argv[0], (invocation) => {
    chosen = invocation;
  });
  const output = {
    writeOut: (text: string) => {
      printed += text;
    },
    writeErr: () => undefined,
  };
  for (const command of everyCommand(program)) {
    command.exitOverride().configureOutput(output);
  }
  try {
    program.parse(withKeyringAccount(argv), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, argv);
  }
  if (chosen !== undefined) return chosen;
  return { command: "text", text: printed };
}

/**
 * Refuses an option that no command has, where none is named.
 *
 * @throws ProxmoxMcpError USAGE.
 */
export function refuseUnknownOption(
  argv: readonly string[],
  version: string,
  commands: CommandTable,
): void {
  const all = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  const program = declare(version, commands, undefined, () => undefined);
  for (const option of everyCommand(program).flatMap(({ options }) => options)) {
    if (!all.options.some(({ long }) => long === option.long)) all.addOption(option);
  }
  for (const flag of LEGACY_FLAGS) all.option(flag);
  try {
    all.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.unknownOption") throw usageError(error, argv);
  }
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

// A run that begins with its command needs no other: declaring them all takes as long as the work.
function declare(
  version: string,
  commands: CommandTable,
  first: string | undefined,
  choose: Choose,
): Command {
  const program = new Command("proxmox-mcp-encrypt")
    .description("Keep the secrets of Proxmox MCP configs encrypted inside the files.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .option("--json", "print one JSON object on stdout")
    .option("--debug", "log what happens on stderr, and stack traces (or PROXMOX_MCP_DEBUG=true)")
    .option("--key-file <file>", "read the master key from this file")
    .option("--key-env <name>", "read the master key from this variable")
    .addOption(keyringOption())
    .option("--max-derivations <n>", "allow a document to cost more key derivations", count)
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .addHelpText("after", MAIN_HELP);
  const isNamed = first !== undefined && Object.hasOwn(commands, first);
  for (const [name, command] of Object.entries(commands)) {
    if (!isNamed || name === first) command.declare(program, choose);
  }
  return program;
}
