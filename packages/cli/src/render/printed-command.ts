/** Command lines that people copy out of what a run says. Each finds the key that the run was about. */
import { resolve } from "node:path";
import { type KeyFlags, keyringFlag } from "@proxmox-mcp/crypto/internal";
import { shellQuote } from "./shell.ts";

// More lines would hide what else is to be done.
const MOST_CHECKS = 5;

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

/** Files whose tokens are checked. */
export interface ToCheck {
  /** All of them. */
  readonly paths: readonly string[];
  /** Those of them that a server reads as its config. */
  readonly configs: readonly string[];
}

/**
 * What to check after a run, one line for each command: a server's health check with each config, the
 * first ones of many. Where a server reads none of the files, whether they open; where there are no
 * files, CONFIG stands for one.
 */
export function checkSteps({ paths, configs }: ToCheck, place: KeyFlags): readonly string[] {
  if (configs.length === 0 && paths.length > 0) {
    const status = toolCommand("status", paths.slice(0, MOST_CHECKS), place, ["--check"]);
    return [`Check it: ${status}`, ...others(paths.length)];
  }
  const health = (config: string) =>
    quoted(["proxmox-mcp-server", "--test", ...keyFlag(place), operand(config)]);
  const shown = configs.length === 0 ? ["CONFIG"] : configs.slice(0, MOST_CHECKS);
  return [...shown.map((config) => `Check it: ${health(config)}`), ...others(configs.length)];
}

function others(count: number): readonly string[] {
  const more = count - MOST_CHECKS;
  return more > 0 ? [`Check the other ${more} in the same way.`] : [];
}

/** Whether a server may read a file as its config, by the name of the file. */
export function mayBeConfig(path: string): boolean {
  return !/(^|[/\\])\.env[^/\\]*$|\.env$/.test(path);
}

// Whoever pastes the line may stand in another directory: the key is the same even so.
function keyFlag({ keyFile, keyEnv, keyring }: KeyFlags): readonly string[] {
  if (keyFile !== undefined) return ["--key-file", resolve(keyFile)];
  if (keyEnv !== undefined) return ["--key-env", keyEnv];
  return keyring === undefined ? [] : [keyringFlag(keyring)];
}

function operand(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}

function quoted(words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}
