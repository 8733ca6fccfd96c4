/** Every command and flag, declared in one place. Parsing has no effect but its result. */
import { withKeyringAccount } from "@proxmox-mcp/crypto";
import { Command, CommanderError, Option } from "commander";
import {
  DECRYPT_HELP,
  ENCRYPT_HELP,
  GENERATE_KEY_HELP,
  MAIN_HELP,
  SCAN_HELP,
  SET_HELP,
  STATUS_HELP,
} from "./help.ts";
import { GENERATED, type Generated, type Invocation } from "./invocation.ts";
import {
  collect,
  collectRename,
  common,
  count,
  duration,
  formatOption,
  keyringOption,
  path,
} from "./option-values.ts";
import {
  declareBackups,
  declarePrepareKey,
  declareRetireKey,
  declareRotateKey,
  declareRotateKeyAll,
} from "./rotation-commands.ts";
import { usageError } from "./usage-error.ts";

/**
 * Parses arguments.
 *
 * @param argv without the interpreter and the script.
 * @throws ProxmoxMcpError USAGE.
 */
export function parseArguments(argv: readonly string[], version: string): Invocation {
  let chosen: Invocation | undefined;
  let printed = "";
  const program = declare(version, argv[0], (invocation) => {
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

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Takes what the user asked for. */
export type Choose = (invocation: Invocation) => void;

const DECLARATIONS: Readonly<Record<string, (program: Command, choose: Choose) => void>> = {
  encrypt: declareEncrypt,
  decrypt: declareDecrypt,
  set: declareSet,
  status: declareStatus,
  scan: declareScan,
  "generate-key": declareGenerateKey,
  "rotate-key": declareRotateKey,
  "rotate-key-all": declareRotateKeyAll,
  "prepare-key": declarePrepareKey,
  "retire-key": declareRetireKey,
  backups: declareBackups,
};

// A run that begins with its command needs no other: declaring them all takes as long as the work.
function declare(version: string, first: string | undefined, choose: Choose): Command {
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
  const isNamed = first !== undefined && Object.hasOwn(DECLARATIONS, first);
  for (const [name, declareCommand] of Object.entries(DECLARATIONS)) {
    if (!isNamed || name === first) declareCommand(program, choose);
  }
  return program;
}

function declareEncrypt(program: Command, choose: Choose): void {
  program
    .command("encrypt")
    .summary("encrypt the secrets of a config")
    .description(
      "Encrypt the secret values of a config. Writes NAME.encrypted.EXT beside it, unless told otherwise.",
    )
    .argument("<file>", "a JSON, YAML or .env file, or - for stdin")
    .option("-o, --output <file>", "write to this file, or - for stdout", path)
    .option("--in-place", "replace the file itself")
    .option(
      "--field <pointer>",
      "encrypt this value too: a JSON Pointer or env:NAME, with * (repeatable)",
      collect,
    )
    .addOption(
      new Option(
        "--rebind <old=new>",
        "seal the token of a renamed field for its new place (repeatable)",
      ).argParser(collectRename),
    )
    .option("--unbound", "write tokens that are not bound to their field")
    .option("--force", "replace another output; encrypt values that hold ${")
    .addOption(formatOption())
    .addHelpText("after", ENCRYPT_HELP)
    .action((file: string, options, command: Command) => {
      choose({
        ...common(command),
        command: "encrypt",
        field: [],
        rebind: [],
        ...options,
        file,
        inPlace: options.inPlace === true,
        unbound: options.unbound === true,
        force: options.force === true,
      });
    });
}

function declareDecrypt(program: Command, choose: Choose): void {
  program
    .command("decrypt")
    .summary("print a config, or one field, in plain text")
    .description("Decrypt a config to stdout, or to a new file of mode 0600.")
    .argument("<file>", "a JSON, YAML or .env file, or - for stdin")
    .option("-o, --output <file>", "write to this file, which must not exist", path)
    .option("--field <pointer>", "print the value of this field alone")
    .option("--force", "decrypt values that hold ${")
    .addOption(formatOption())
    .addHelpText("after", DECRYPT_HELP)
    .action((file: string, options, command: Command) => {
      choose({
        ...common(command),
        command: "decrypt",
        ...options,
        file,
        force: options.force === true,
      });
    });
}

function declareSet(program: Command, choose: Choose): void {
  program
    .command("set")
    .summary("give one field a new value, sealed in place")
    .description(
      "Seal a new value for one field. It comes from a hidden prompt or from stdin, never from an argument.",
    )
    .argument("<file>", "a JSON, YAML or .env file")
    .argument("<field>", "a JSON Pointer, or a name in a .env file")
    .addOption(new Option("--generate <kind>", "make a random value").choices([...GENERATED]))
    .option("--unbound", "write a token that is not bound to its field")
    .option("--force", "seal a value that holds ${, or a field that no rule calls secret")
    .addOption(formatOption())
    .addHelpText("after", SET_HELP)
    .action(
      (
        file: string,
        field: string,
        options: { generate?: Generated; [flag: string]: unknown },
        command: Command,
      ) => {
        choose({
          ...common(command),
          command: "set",
          ...options,
          file,
          field,
          unbound: options["unbound"] === true,
          force: options["force"] === true,
        });
      },
    );
}

function declareStatus(program: Command, choose: Choose): void {
  program
    .command("status")
    .summary("show every secret field and its state")
    .description(
      "Show every secret field, its state and age, and whether the key opens it. A table on a terminal, JSON otherwise.",
    )
    .argument("<path...>", "files, or directories to search")
    .option("--check", "exit 7 if anything needs attention")
    .addOption(
      new Option(
        "--max-age <duration>",
        "with --check: tokens may not be older, for example 90d",
      ).argParser(duration),
    )
    .option("--python", "show which fields the Python tool does not decrypt")
    .option("--table", "print the table even where stdout is no terminal")
    .option("--prometheus", "print metrics for Prometheus instead")
    .option(
      "-o, --output <file>",
      "with --prometheus: write them to this file, in the place of older ones",
      path,
    )
    .addOption(formatOption())
    .addHelpText("after", STATUS_HELP)
    .action((paths: string[], options, command: Command) => {
      choose({
        ...common(command),
        command: "status",
        ...options,
        paths,
        check: options.check === true,
        python: options.python === true,
        table: options.table === true,
        prometheus: options.prometheus === true,
      });
    });
}

function declareScan(program: Command, choose: Choose): void {
  program
    .command("scan")
    .summary("find secrets in files before they are committed")
    .description(
      "Find secrets in plain text, API tokens of Proxmox VE, master keys and leftovers, in files of any kind. Needs no key, and prints no value. Exit 7 if there are any.",
    )
    .argument("[file...]", "files")
    .option("--staged", "what git is about to commit, in the place of files")
    .addHelpText("after", SCAN_HELP)
    .action((files: string[], options, command: Command) => {
      choose({ ...common(command), command: "scan", files, staged: options.staged === true });
    });
}

function declareGenerateKey(program: Command, choose: Choose): void {
  program
    .command("generate-key")
    .summary("make a master key")
    .description(
      "Make a master key in a new file of mode 0600, or with --keyring in an entry of the keyring. An existing one is never overwritten.",
    )
    .option("-o, --output <file>", "the key file (default: ~/.proxmox_mcp_key)", path)
    .option("--stdout", "print the key on stdout as well")
    .addHelpText("after", GENERATE_KEY_HELP)
    .action((options, command: Command) => {
      choose({
        ...common(command),
        command: "generate-key",
        ...options,
        stdout: options.stdout === true,
      });
    });
}
