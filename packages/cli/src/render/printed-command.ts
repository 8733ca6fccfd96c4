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

/** A file whose tokens are checked. */
export interface ToCheck {
  readonly path: string;
  /** Whether a server reads it as its config. */
  readonly config: "yes" | "maybe" | "no";
}

/**
 * What to check after a run, the first files of many: a server's health check with each config, and
 * whether the tokens of all others open. `status` without `--check`, since a secret that was plain
 * before is no failure of the run. Where there are no files, CONFIG stands for one.
 */
export function checkSteps(files: readonly ToCheck[], place: KeyFlags): readonly string[] {
  const health = (config: string) =>
    quoted(["proxmox-mcp-server", "--test", ...keyFlag(place), operand(config)]);
  if (files.length === 0) return [`Check it: ${health("CONFIG")}`];
  const configs = files.filter(({ config }) => config === "yes");
  const rest = files.filter(({ config }) => config !== "yes").map(({ path }) => path);
  const [first, ...more] = files.filter(({ config }) => config === "maybe");
  const candidate = more.length === 0 ? first?.path : "CONFIG";
  return [
    ...configs.slice(0, MOST_CHECKS).map(({ path }) => `Check it: ${health(path)}`),
    ...others(configs.length),
    ...(rest.length === 0 ? [] : [`Check it: ${opening(rest, place)}`]),
    ...others(rest.length),
    ...(candidate === undefined ? [] : [`If a server reads it: ${health(candidate)}`]),
  ];
}

function opening(paths: readonly string[], place: KeyFlags): string {
  return toolCommand("status", paths.slice(0, MOST_CHECKS), place);
}

function others(count: number): readonly string[] {
  const more = count - MOST_CHECKS;
  return more > 0 ? [`Check the other ${more} in the same way.`] : [];
}

/** A file of which the name alone is known: servers read every format as their config but .env. */
export function byName(path: string): ToCheck {
  return { path, config: /(^|[/\\])\.env[^/\\]*$|\.env$/.test(path) ? "no" : "maybe" };
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
