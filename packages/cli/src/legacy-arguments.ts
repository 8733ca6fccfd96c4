/**
 * The flags of the Python tool, translated to subcommands. Its scripts and habits keep working:
 *
 *   CONFIG [-o FILE]     encrypt CONFIG [-o FILE]
 *   CONFIG --status      status CONFIG
 *   --generate-key       generate-key
 *   --rotate-key CONFIG  rotate-key CONFIG, also with CONFIG before the flag
 *   --rotate-key-all DIR rotate-key-all DIR
 */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { CommandName } from "./commands/module.ts";

/** Names of the subcommands. */
export const COMMANDS: readonly (CommandName | "help")[] = [
  "encrypt",
  "decrypt",
  "set",
  "status",
  "scan",
  "generate-key",
  "rotate-key",
  "rotate-key-all",
  "prepare-key",
  "retire-key",
  "backups",
  "help",
];

const WITH_VALUE = new Set([
  "-o",
  "--output",
  "--key-file",
  "--key-env",
  "--max-derivations",
  "--field",
  "--format",
  "--rebind",
  "--generate",
  "--max-age",
  "--new-key-out",
  "--new-key-file",
  "--new-key-sink",
  "--sink-verify",
  "--sink-time-limit",
  "--include",
  "--exclude",
  "--archive-key",
  "--older-than",
  "--keep",
  "--stamp",
]);

/** Those of the Python tool alone. */
export const LEGACY_FLAGS: readonly string[] = [
  "--status",
  "--generate-key",
  "--rotate-key",
  "--rotate-key-all",
];

/**
 * Translates arguments where the first of them that is no option is not a subcommand.
 *
 * @param isFile tells a config named without a directory or an extension from a mistyped command.
 * @param refuseUnknown throws for an option that there is not: its user meant another one, and misses nothing.
 * @throws ProxmoxMcpError USAGE in the Python tool's words where the config is missing.
 */
export function translateLegacy(
  argv: readonly string[],
  isFile: (path: string) => boolean,
  refuseUnknown: (argv: readonly string[]) => void,
): readonly string[] {
  const missing = (message: string) => {
    refuseUnknown(argv);
    return new ProxmoxMcpError("USAGE", message, {
      hint: "`proxmox-mcp-encrypt --help` shows the commands",
    });
  };
  const word = firstWord(argv);
  if (word !== undefined && (COMMANDS as readonly string[]).includes(word)) return argv;
  if (argv.some((argument) => ["-h", "--help", "-V", "--version"].includes(argument))) return argv;
  if (argv.includes("--generate-key")) return ["generate-key", ...without(argv, "--generate-key")];
  if (argv.includes("--rotate-key-all")) {
    if (word === undefined) throw missing("Directory path required for --rotate-key-all");
    return ["rotate-key-all", ...without(argv, "--rotate-key-all")];
  }
  if (argv.includes("--rotate-key")) {
    if (word === undefined) throw missing("Configuration file required for --rotate-key");
    return ["rotate-key", ...without(argv, "--rotate-key")];
  }
  if (word === undefined) throw missing("Configuration file required (or use --generate-key)");
  if (argv.includes("--status")) return ["status", ...without(argv, "--status")];
  const isPath = word === "-" || /[./\\]/.test(word) || isFile(word);
  return isPath ? ["encrypt", ...argv] : argv;
}

/** The first argument that is neither an option nor the value of one. */
export function firstWord(argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (argument === "--") return argv[index + 1];
    if (argument === "-" || !argument.startsWith("-")) return argument;
    if (WITH_VALUE.has(argument)) index += 1;
  }
  return undefined;
}

function without(argv: readonly string[], flag: string): readonly string[] {
  return argv.filter((argument) => argument !== flag);
}
