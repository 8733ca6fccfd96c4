/** Finds the master key: chooses the sources, reads them and makes sure that they agree. */
import { ProxmoxMcpError } from "../errors.ts";
import { type KeyText, parseKeyText } from "../key/key-text.ts";
import {
  chooseKeySources,
  type KeySource,
  type KeySourceQuestion,
  rankKeySources,
} from "../key/source.ts";
import { type KeyCommandOptions, readKeyText } from "./key-source.ts";

/** Keys, and where they were found. */
export interface LoadedKeys {
  readonly keys: KeyText;
  readonly source: KeySource;
  /** The key files among all sources that were read. */
  readonly files: readonly string[];
  /** What to tell the user: loose modes and the like. */
  readonly warnings: readonly string[];
}

/**
 * Reads the master key from the strongest source at hand.
 *
 * @throws ProxmoxMcpError KEY_MISSING where there is no source, KEY_CONFLICT where two variables give
 * different active keys, or what reading and parsing a source gives.
 */
export async function loadKeys(
  question: KeySourceQuestion,
  options: Pick<KeyCommandOptions, "signal"> = {},
): Promise<LoadedKeys> {
  const loaded = await Promise.all(
    chooseKeySources(question).map((source) => load(source, question, options)),
  );
  const [first, ...others] = loaded;
  if (first === undefined) {
    throw new ProxmoxMcpError("KEY_MISSING", "there is no master key", {
      hint: "make one with `proxmox-mcp-encrypt generate-key`, or set PROXMOX_MCP_MASTER_KEY_FILE or PROXMOX_MCP_MASTER_KEY",
    });
  }
  const other = others.find(({ keys }) => !keys.active.equals(first.keys.active));
  if (other !== undefined) {
    throw new ProxmoxMcpError(
      "KEY_CONFLICT",
      `${first.source.from} and ${other.source.from} hold different active master keys`,
      { hint: "unset one of them, or name the right one with --key-file or --key-env" },
    );
  }
  return {
    ...first,
    files: loaded.flatMap(({ files }) => files),
    warnings: loaded.flatMap(({ warnings }) => warnings),
  };
}

/**
 * Reads the keys of all weaker sources, for a hint after a wrong key. Sources that cannot be read
 * are left out: they are no reason for a second error.
 */
export async function loadOtherKeys(
  question: KeySourceQuestion,
  options: Pick<KeyCommandOptions, "signal"> = {},
): Promise<readonly LoadedKeys[]> {
  const ranks = rankKeySources(question).filter((rank) => rank.length > 0);
  const weaker = ranks.slice(1).flat();
  const results = await Promise.allSettled(weaker.map((source) => load(source, question, options)));
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

async function load(
  source: KeySource,
  { env }: KeySourceQuestion,
  { signal }: Pick<KeyCommandOptions, "signal">,
): Promise<LoadedKeys> {
  const { text, warnings } = await readKeyText(source, { env, signal });
  try {
    const files = source.kind === "file" ? [source.path] : [];
    return { keys: parseKeyText(text), source, files, warnings };
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    throw new ProxmoxMcpError(error.code, `${source.from}: ${error.message}`, {
      where: source.kind === "file" ? { file: source.path, ...error.where } : error.where,
      hint: error.hint,
    });
  }
}
