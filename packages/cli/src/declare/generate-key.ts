/** The arguments of `generate-key`. */
import type { Command } from "commander";
import type { Choose } from "../commands/module.ts";
import { GENERATE_KEY_HELP } from "../help.ts";
import { common, path } from "../option-values.ts";

export function declareGenerateKey(program: Command, choose: Choose): void {
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
