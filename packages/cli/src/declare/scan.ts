/** The arguments of `scan`. */
import type { Command } from "commander";
import type { Choose } from "../commands/module.ts";
import { SCAN_HELP } from "../help.ts";
import { common } from "../option-values.ts";

export function declareScan(program: Command, choose: Choose): void {
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
