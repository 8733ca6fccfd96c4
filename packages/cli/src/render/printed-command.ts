/** Command lines that people copy out of what a run says. Each finds the key that the run was about. */
import { resolve } from "node:path";
import { type KeyFlags, keyringFlag } from "@proxmox-mcp/crypto/internal";
import { shellQuote } from "./shell.ts";

/** What a further command has to be told of where the key is. */
export interface KeyPlace extends KeyFlags {
  /** Whether the key text is stored by a command, which its reader has to fill in: it may hold a secret. */
  readonly hasSink?: boolean;
}

/** The flags of a run that say where its key is, without all others; none where it is found without. */
export function keyFlagsOf({ keyFile, keyEnv, keyring }: KeyFlags): KeyFlags {
  return { keyFile, keyEnv, keyring };
}

/**
 * A command of the tool.
 *
 * @param paths files or directories, as its reader wrote them, or a word in capitals that stands for them.
 * @param flags that the command has of its own.
 */
export function toolCommand(
  command: "decrypt" | "rotate-key" | "rotate-key-all" | "retire-key" | "status",
  paths: readonly string[],
  place: KeyPlace,
  flags: readonly string[] = [],
): string {
  const sink = place.hasSink === true ? ["--new-key-sink", "COMMAND"] : [];
  const operands = paths.map(operand);
  return quoted([
    "proxmox-mcp-encrypt",
    command,
    ...operands,
    ...flags,
    ...keyFlag(place),
    ...sink,
  ]);
}

/**
 * The health check of a server with one of these files, or with CONFIG where a server reads none of them.
 *
 * @param paths files that hold tokens.
 */
export function checkCommand(paths: readonly string[], place: KeyFlags): string {
  const config = paths.find((path) => !isDotenv(path)) ?? "CONFIG";
  return quoted(["proxmox-mcp-server", "--test", ...keyFlag(place), operand(config)]);
}

// Whoever pastes the line may stand in another directory: the key is the same even so.
function keyFlag({ keyFile, keyEnv, keyring }: KeyFlags): readonly string[] {
  if (keyFile !== undefined) return ["--key-file", resolve(keyFile)];
  if (keyEnv !== undefined) return ["--key-env", keyEnv];
  return keyring === undefined ? [] : [keyringFlag(keyring)];
}

function isDotenv(path: string): boolean {
  return /(^|[/\\])\.env[^/\\]*$|\.env$/.test(path);
}

function operand(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}

function quoted(words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}
