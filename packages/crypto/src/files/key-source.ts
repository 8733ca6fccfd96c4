/** Reading a key text from the source that was chosen. */
import { ProxmoxMcpError } from "../errors.ts";
import type { KeySource } from "../key/source.ts";
import { type KeyReading, MAX_KEY_BYTES, readKeyFile, refuseEmptyKey } from "./key-file.ts";
import { runCommand } from "./run-command.ts";

/** What a key command runs with, and a keyring is asked with. */
export interface KeyCommandOptions {
  /** Milliseconds until it counts as hung. Default: 30 000, and for a keyring 60 000. */
  readonly timeLimit?: number;
  /** The environment it inherits, less every variable that could hold a key. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** Once aborted, the command is ended and nobody waits for it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a key text.
 *
 * A command runs without a shell and with nothing on its standard input; it must end with status 0
 * and print at most 64 KiB. Nothing it prints ever gets into an error.
 *
 * @throws ProxmoxMcpError KEY_UNREADABLE, KEY_EMPTY, both naming the source.
 */
export async function readKeyText(
  source: KeySource,
  options: KeyCommandOptions = {},
): Promise<KeyReading> {
  if (source.kind === "file") return readKeyFile(source.path);
  const text = await textOf(source, options);
  refuseEmptyKey(text, source.from);
  return { text, warnings: [] };
}

async function textOf(
  source: Exclude<KeySource, { kind: "file" }>,
  options: KeyCommandOptions,
): Promise<string> {
  switch (source.kind) {
    case "variable":
      return source.text;
    case "command":
      return runKeyCommand(source.argv, source.from, options);
    case "keyring": {
      // biome-ignore lint/style/noProcessEnv: the keyring is that of the user's own session
      const { env = process.env, timeLimit, signal } = options;
      const { readKeyring } = await import("./keyring.ts");
      return readKeyring(source.account, { env, timeLimit, signal });
    }
  }
}

async function runKeyCommand(
  argv: readonly string[],
  from: string,
  options: KeyCommandOptions,
): Promise<string> {
  // biome-ignore lint/style/noProcessEnv: a key command runs as it would in the user's own shell
  const { timeLimit = 30_000, env = process.env, signal } = options;
  const outcome = await runCommand({ argv, env, timeLimit, signal, maxOutput: MAX_KEY_BYTES });
  switch (outcome.kind) {
    case "done":
      return outcome.output;
    case "interrupted":
      throw new ProxmoxMcpError("INTERRUPTED", "interrupted; nothing was changed");
    case "not started":
      throw commandError(argv, from, "could not be started");
    case "failed":
      throw commandError(argv, from, outcome.trouble);
  }
}

function commandError(argv: readonly string[], from: string, trouble: string): ProxmoxMcpError {
  return new ProxmoxMcpError("KEY_UNREADABLE", `${from}: the command ${argv[0]} ${trouble}`, {
    hint: "run it by hand: it must print the key text, and nothing else, and end with status 0",
  });
}
