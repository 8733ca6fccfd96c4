/** The arguments of the commands around a new master key. */
import { type Command, Option } from "commander";
import type { Choose } from "../commands/module.ts";
import {
  BACKUPS_HELP,
  PREPARE_KEY_HELP,
  RETIRE_KEY_HELP,
  ROTATE_KEY_ALL_HELP,
  ROTATE_KEY_HELP,
} from "../help.ts";
import type { BackupsInvocation } from "../invocation.ts";
import { collect, common, count, duration, path, stamp } from "../option-values.ts";

export function declareRotateKey(program: Command, choose: Choose): void {
  const command = program
    .command("rotate-key")
    .summary("give configs a new master key")
    .description(
      "Seal every token of these files again, under one new master key. All files or none; the old texts stay as backups.",
    )
    .argument("<file...>", "JSON, YAML or .env files");
  rotationOptions(command)
    .addHelpText("after", ROTATE_KEY_HELP)
    .action((files: string[], _, command: Command) => {
      choose({ ...rotationFlags(command), command: "rotate-key", files });
    });
}

export function declareRotateKeyAll(program: Command, choose: Choose): void {
  const command = program
    .command("rotate-key-all")
    .summary("give all configs below a directory a new master key")
    .description(
      "As rotate-key, for every config below these directories that holds a token: *.json, *.yaml, *.yml, *.env, .env*.",
    )
    .argument("<directory...>", "where to look")
    .option("--include <glob>", "look at these files instead (repeatable)", collect)
    .option("--exclude <glob>", "pass by these files and directories (repeatable)", collect)
    .option("--no-recursive", "do not look into subdirectories");
  rotationOptions(command)
    .addHelpText("after", ROTATE_KEY_ALL_HELP)
    .action((directories: string[], options, command: Command) => {
      choose({
        ...rotationFlags(command),
        command: "rotate-key-all",
        directories,
        include: options.include ?? [],
        exclude: options.exclude ?? [],
        recursive: options.recursive !== false,
      });
    });
}

export function declarePrepareKey(program: Command, choose: Choose): void {
  const command = program
    .command("prepare-key")
    .summary("make the next master key and store it, changing no config")
    .description(
      "Make the next master key and store it behind the present one. The next rotation switches to it.",
    );
  newKeyOptions(command)
    .addHelpText("after", PREPARE_KEY_HELP)
    .action((_, command: Command) => {
      choose({ ...common(command), command: "prepare-key" });
    });
}

export function declareRetireKey(program: Command, choose: Choose): void {
  const command = program
    .command("retire-key")
    .summary("drop old master keys that nothing needs any more")
    .description(
      "Drop the old keys from the key text. Refuses while anything below these directories opens only with one of them.",
    )
    .argument("<directory...>", "everything that was ever encrypted with the old keys")
    .option("--delete-backups", "delete the backups that open only with an old key")
    .option("--archive-key <file>", "keep the old keys for the backups, in this new file", path);
  sinkOptions(confirmOptions(command))
    .addHelpText("after", RETIRE_KEY_HELP)
    .action((directories: string[], options, command: Command) => {
      choose({
        ...common(command),
        ...confirmFlags(options),
        command: "retire-key",
        directories,
        deleteBackups: options.deleteBackups === true,
      });
    });
}

export function declareBackups(program: Command, choose: Choose): void {
  const backups = program
    .command("backups")
    .summary("list, verify, prune or restore the backups of rotations")
    .description("Work with the backups that rotations leave: FILE.backup.YYYYMMDD_HHMMSS.")
    .addHelpText("after", BACKUPS_HELP);
  const declare = (
    name: "list" | "verify" | "prune" | "restore",
    summary: string,
    invocation: (paths: string[], command: Command) => BackupsInvocation,
  ) =>
    backups
      .command(name)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .argument("<path...>", "configs, backups, or directories to search")
      .action((paths: string[], _, command: Command) => choose(invocation(paths, command)));
  declare("list", "show which backups exist and which key opens them", (paths, command) => ({
    ...common(command),
    command: "backups",
    action: "list",
    paths,
  }));
  declare("verify", "open every token of every backup", (paths, command) => ({
    ...common(command),
    command: "backups",
    action: "verify",
    paths,
  }));
  confirmOptions(
    declare("prune", "delete backups by age and count", (paths, command) => ({
      ...common(command),
      ...confirmFlags(command.opts()),
      command: "backups",
      action: "prune",
      paths,
    })),
  )
    .addOption(new Option("--older-than <duration>", "delete older ones").argParser(duration))
    .option("--keep <n>", "keep this many of each file, the newest", count);
  confirmOptions(
    declare("restore", "bring back old texts, all or none", (paths, command) => ({
      ...common(command),
      ...confirmFlags(command.opts()),
      command: "backups",
      action: "restore",
      paths,
    })),
  ).addOption(
    new Option("--stamp <stamp>", "the run to go back behind, YYYYMMDD_HHMMSS").argParser(stamp),
  );
}

function rotationOptions(command: Command): Command {
  newKeyOptions(command)
    .option("--new-key-file <file>", "the new key: the first one in this existing key file", path)
    .option("--stdout", "print the new key text on stdout as well")
    .option("--skip-unreadable", "leave out files that cannot be rotated, and exit 7")
    .addOption(
      new Option("--resume", "finish a run that was interrupted, and do nothing else").conflicts([
        "abort",
        "dryRun",
      ]),
    )
    .addOption(
      new Option("--abort", "undo a run that was interrupted, and do nothing else").conflicts(
        "dryRun",
      ),
    );
  return confirmOptions(command);
}

function rotationFlags(command: Command) {
  const { resume, abort, ...flags } = command.opts();
  return {
    ...common(command),
    ...confirmFlags(flags),
    stdout: flags["stdout"] === true,
    skipUnreadable: flags["skipUnreadable"] === true,
    close: closing(resume === true, abort === true),
  };
}

function closing(resume: boolean, abort: boolean): "resume" | "abort" | undefined {
  if (resume) return "resume";
  return abort ? "abort" : undefined;
}

function newKeyOptions(command: Command): Command {
  return sinkOptions(command).option(
    "--new-key-out <file>",
    "make this key file, with the new key and the old ones",
    path,
  );
}

function sinkOptions(command: Command): Command {
  return command
    .option(
      "--new-key-sink <command>",
      "run this to store the key text, which it gets on its standard input",
      path,
    )
    .option("--sink-verify <command>", "run this to read back what the sink stored", path)
    .addOption(
      new Option(
        "--sink-time-limit <duration>",
        "how long a sink may take (default: 60s)",
      ).argParser(duration),
    );
}

function confirmOptions(command: Command): Command {
  return command
    .option("--dry-run", "show what would be done, and do nothing")
    .option("-y, --yes", "do not ask");
}

function confirmFlags(options: Readonly<Record<string, unknown>>) {
  return { dryRun: options["dryRun"] === true, yes: options["yes"] === true };
}
