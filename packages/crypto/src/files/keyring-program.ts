/**
 * The program that talks to the operating system's keyring: a process of its own, because a call into
 * a keyring that waits for somebody can be ended in no other way.
 */
import { createRequire } from "node:module";
import { MAX_KEY_BYTES } from "./key-file.ts";
import { type KeyringTrouble, troubleOf } from "./keyring-trouble.ts";
import { runCommand } from "./run-command.ts";

/** Under which name password managers show the entries. */
const SERVICE = "proxmox-mcp";
const PACKAGE = "@napi-rs/keyring";

/** Milliseconds. Somebody may have to type a password first. */
const DEFAULT_TIME_LIMIT = 60_000;

/** What the program runs with. */
export interface KeyringSurroundings {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Milliseconds until the keyring counts as hung. Default: 60 000. */
  readonly timeLimit?: number | undefined;
  /** Once aborted, the program is ended and nobody waits for it. */
  readonly signal?: AbortSignal | undefined;
  /** Where the package is looked for. Default: beside this program. */
  readonly packageDirectory?: string | undefined;
}

/** What the keyring answered. */
export type KeyringAnswer =
  | { readonly kind: "entry"; readonly text: string }
  | { readonly kind: "no entry" }
  | { readonly kind: "stored" }
  | { readonly kind: "interrupted"; readonly started: boolean }
  | ({ readonly kind: "failed" } & KeyringTrouble);

// The text to store comes by standard input. On Linux only the Secret Service is asked: left to
// itself, the package falls back to the kernel's keyring, which forgets everything on the next boot.
// Nobody may store anything later for a run that was killed, so this goes with the process that
// started it; and a call that hangs lets no process end in a better way.
const PROGRAM = `
const [, path, service, account, wish] = process.argv;
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, 100);
const main = async () => {
  const { AsyncEntry } = require(path);
  const entry = new AsyncEntry(service, account, { linux: { store: "secret-service" } });
  if (wish === "read") return { text: await entry.getPassword() };
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += chunk;
  await entry.setPassword(text);
  return { stored: true };
};
main()
  .catch((error) => ({ trouble: String(error?.message ?? error) }))
  .then((answer) => {
    clearInterval(watch);
    process.stdout.write(JSON.stringify(answer));
  });
`;

/**
 * Reads the entry of an account or, given a text, makes or replaces it.
 *
 * That it was stored is the word of the keyring. Where it failed, hung or was interrupted, it may
 * have stored the text even so.
 */
export async function askKeyring(
  account: string,
  text: string | undefined,
  surroundings: KeyringSurroundings,
): Promise<KeyringAnswer> {
  const { env, timeLimit = DEFAULT_TIME_LIMIT, signal, packageDirectory } = surroundings;
  const path = findPackage(packageDirectory);
  if (path === undefined) return { kind: "failed", ...troubleOf({ kind: "not installed" }) };
  const wish = text === undefined ? "read" : "store";
  const outcome = await runCommand({
    argv: [process.execPath, "-e", PROGRAM, "--", path, SERVICE, account, wish],
    env,
    timeLimit,
    signal,
    maxOutput: 2 * MAX_KEY_BYTES,
    // Ctrl-C would end it in the middle; whether it ends is decided here.
    ownSession: true,
    ...(text === undefined ? {} : { input: text }),
  });
  switch (outcome.kind) {
    case "interrupted":
      return outcome;
    case "not started":
      return { kind: "failed", ...troubleOf({ kind: "broken", trouble: outcome.reason }) };
    case "failed":
      return { kind: "failed", ...troubleOf({ kind: "broken", trouble: outcome.trouble }) };
    case "done":
      return parseAnswer(outcome.output);
  }
}

function parseAnswer(output: string): KeyringAnswer {
  const answer = jsonOf(output);
  if (answer["stored"] === true) return { kind: "stored" };
  if (typeof answer["text"] === "string") return { kind: "entry", text: answer["text"] };
  if (answer["text"] === null) return { kind: "no entry" };
  const reason = typeof answer["trouble"] === "string" ? answer["trouble"] : "it gave no answer";
  return { kind: "failed", ...troubleOf({ kind: "refused", reason }) };
}

// Nothing of an answer that cannot be read gets into an error: it may hold a key.
function jsonOf(output: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(output) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function findPackage(directory: string | undefined): string | undefined {
  const from = directory === undefined ? import.meta.url : `${directory}/package.json`;
  try {
    return createRequire(from).resolve(PACKAGE);
  } catch {
    return undefined;
  }
}
