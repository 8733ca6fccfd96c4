/** The arguments of the commands that work on one config. */
import { type Command, Option } from "commander";
import type { Choose } from "../commands/module.ts";
import { DECRYPT_HELP, ENCRYPT_HELP, SET_HELP, STATUS_HELP } from "../help.ts";
import { GENERATED, type Generated } from "../invocation.ts";
import { collect, collectRename, common, duration, formatOption, path } from "../option-values.ts";

export function declareEncrypt(program: Command, choose: Choose): void {
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

export function declareDecrypt(program: Command, choose: Choose): void {
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

export function declareSet(program: Command, choose: Choose): void {
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

export function declareStatus(program: Command, choose: Choose): void {
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
