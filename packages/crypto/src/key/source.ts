/**
 * Where a master key comes from: a pure choice among what a caller was told and what stands in the
 * environment. Reading the chosen source is the business of `files/`.
 */
import { type CommandHolder, splitCommand } from "../command-line.ts";
import { ProxmoxMcpError, type Where } from "../errors.ts";
import { holdsKeyShaped } from "./key-shape.ts";

/** The variable that holds a key text. */
export const KEY_VARIABLE = "PROXMOX_MCP_MASTER_KEY";
/** The variable that names a key file. */
export const KEY_FILE_VARIABLE = "PROXMOX_MCP_MASTER_KEY_FILE";
/** The variable that holds a command which prints a key text. */
export const KEY_COMMAND_VARIABLE = "PROXMOX_MCP_MASTER_KEY_COMMAND";
/** The name of the key among systemd's credentials. */
export const KEY_CREDENTIAL = "proxmox-mcp-master-key";

/** One place that a key text can be read from; `from` names it for people. */
export type KeySource =
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly text: string;
      readonly from: string;
    }
  | { readonly kind: "file"; readonly path: string; readonly from: string }
  | { readonly kind: "command"; readonly argv: readonly string[]; readonly from: string }
  /** An entry of the operating system's keyring. */
  | { readonly kind: "keyring"; readonly account: string; readonly from: string };

/** Where an error about a source is: in its file, if it is one. */
export function whereOf(source: KeySource): Where {
  return source.kind === "file" ? { file: source.path } : {};
}

/** The flags that name a source. */
export interface KeyFlags {
  /** `--key-file`. */
  readonly keyFile?: string | undefined;
  /** `--key-env`: the name of a variable. */
  readonly keyEnv?: string | undefined;
  /** `--keyring`: the account of an entry of the keyring. */
  readonly keyring?: string | undefined;
}

/** What the choice depends on. */
export interface KeySourceQuestion extends KeyFlags {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a file exists: asked for systemd's credential and for the home file only. */
  readonly exists: (path: string) => boolean;
  /** The key file in the home directory, for the command line tool alone. */
  readonly homeFile?: string | undefined;
}

/**
 * Chooses the sources to read: a flag beats the environment, the environment beats the home file.
 *
 * @returns the sources of the strongest rank, none if there is no key anywhere. Several are returned
 * only for the environment: read them all, their active keys must agree.
 * @throws ProxmoxMcpError USAGE for several flags at once, KEY_MISSING for a `--key-env` variable that
 * is not set, KEY_INVALID for an unreadable command, or a key in the place of a path, a name or a
 * command.
 */
export function chooseKeySources(question: KeySourceQuestion): readonly KeySource[] {
  for (const rank of RANKS) {
    const sources = rank(question);
    if (sources.length > 0) return sources;
  }
  return [];
}

/**
 * Every rank of sources at hand, the strongest first, for a hint after a wrong key. A rank may be
 * empty; a faulty one is, because a hint is no place for a second error.
 */
export function rankKeySources(question: KeySourceQuestion): readonly (readonly KeySource[])[] {
  return RANKS.map((rank) => {
    try {
      return rank(question);
    } catch (error) {
      if (error instanceof ProxmoxMcpError) return [];
      throw error;
    }
  });
}

const COMMAND_HOLDER: CommandHolder = {
  name: KEY_COMMAND_VARIABLE,
  code: "KEY_INVALID",
  wanted: `write the command that prints the master key, or unset ${KEY_COMMAND_VARIABLE}`,
};

// Read one after the other: a faulty variable is no obstacle to a flag that beats it.
const RANKS = [fromFlags, fromEnvironment, fromHome];

function fromFlags(question: KeySourceQuestion): readonly KeySource[] {
  refuseSeveralFlags(question);
  const { keyFile, keyEnv, keyring, env } = question;
  if (keyFile !== undefined) {
    refuseKey(keyFile, "--key-file", "a path");
    return [{ kind: "file", path: keyFile, from: `--key-file ${keyFile}` }];
  }
  if (keyring !== undefined) return [keyringSource(keyring)];
  if (keyEnv === undefined) return [];
  refuseKey(keyEnv, "--key-env", "the name of a variable");
  const text = variable(env, keyEnv);
  if (text === undefined) {
    throw new ProxmoxMcpError(
      "KEY_MISSING",
      `the variable ${keyEnv}, named by --key-env, is not set`,
      {
        hint: `set ${keyEnv} to the master key, or name another variable`,
      },
    );
  }
  return [{ kind: "variable", name: keyEnv, text, from: `--key-env ${keyEnv}` }];
}

/**
 * Refuses flags that name several sources.
 *
 * @throws ProxmoxMcpError USAGE.
 */
export function refuseSeveralFlags({ keyFile, keyEnv, keyring }: KeyFlags): void {
  const given = [
    keyFile !== undefined && "--key-file",
    keyEnv !== undefined && "--key-env",
    keyring !== undefined && "--keyring",
  ].filter((flag) => flag !== false);
  const [first, second] = given;
  if (second === undefined) return;
  throw new ProxmoxMcpError("USAGE", `${first} and ${second} are both given`, {
    hint: "name one source of the master key",
  });
}

/**
 * The keyring entry of an account, as a source.
 *
 * @throws ProxmoxMcpError USAGE for an account without a name, KEY_INVALID for a key in its place.
 */
export function keyringSource(account: string): Extract<KeySource, { kind: "keyring" }> {
  if (account.trim() === "") {
    throw new ProxmoxMcpError("USAGE", "--keyring= names no account", {
      hint: "write --keyring alone, or --keyring=ACCOUNT",
    });
  }
  refuseKey(account, "--keyring", "the name of an account");
  return { kind: "keyring", account, from: `the keyring entry ${account}` };
}

// A variable that is set but empty stays a source: in CI and in Kubernetes that is what a missing
// secret looks like, and it must fail instead of falling through to some other key.
function fromEnvironment({ env, exists }: KeySourceQuestion): readonly KeySource[] {
  const sources: KeySource[] = [];
  const text = variable(env, KEY_VARIABLE);
  if (text !== undefined) {
    sources.push({ kind: "variable", name: KEY_VARIABLE, text, from: KEY_VARIABLE });
  }
  const path = variable(env, KEY_FILE_VARIABLE);
  if (path === "") {
    throw new ProxmoxMcpError("KEY_EMPTY", `${KEY_FILE_VARIABLE} is set but empty`, {
      hint: `set it to the path of the key file, or unset ${KEY_FILE_VARIABLE}`,
    });
  }
  if (path !== undefined) {
    refuseKey(path, KEY_FILE_VARIABLE, "a path");
    sources.push({ kind: "file", path, from: `${KEY_FILE_VARIABLE} (${path})` });
  }
  const command = variable(env, KEY_COMMAND_VARIABLE);
  if (command !== undefined) {
    const argv = splitCommand(command, COMMAND_HOLDER);
    refuseKey(argv[0] ?? "", KEY_COMMAND_VARIABLE, "a command");
    sources.push({ kind: "command", argv, from: KEY_COMMAND_VARIABLE });
  }
  const directory = variable(env, "CREDENTIALS_DIRECTORY");
  if (directory !== undefined && directory !== "") {
    const credential = `${directory}/${KEY_CREDENTIAL}`;
    if (exists(credential)) {
      sources.push({
        kind: "file",
        path: credential,
        from: `the systemd credential ${KEY_CREDENTIAL}`,
      });
    }
  }
  return sources;
}

function fromHome({ homeFile, exists }: KeySourceQuestion): readonly KeySource[] {
  if (homeFile === undefined || !exists(homeFile)) return [];
  return [{ kind: "file", path: homeFile, from: homeFile }];
}

// What is named here gets into messages and logs; a key that was put here by mistake must not.
function refuseKey(text: string, holder: string, wanted: string): void {
  if (!holdsKeyShaped(text)) return;
  throw new ProxmoxMcpError("KEY_INVALID", `${holder} holds a key, not ${wanted}`, {
    hint: `use ${KEY_VARIABLE} for a key`,
  });
}

function variable(env: KeySourceQuestion["env"], name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}
