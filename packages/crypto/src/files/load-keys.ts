/** Finds the master key: chooses the sources, reads them and makes sure that they agree. */
import { ProxmoxMcpError } from "../errors.ts";
import { everyKey, type KeyText, parseKeyText } from "../key/key-text.ts";
import type { MasterKey } from "../key/master-key.ts";
import {
  chooseKeySources,
  type KeySource,
  type KeySourceQuestion,
  rankKeySources,
  whereOf,
} from "../key/source.ts";
import { holdsKey } from "../key/succession.ts";
import { type KeyCommandOptions, readKeyText } from "./key-source.ts";

/** Keys, and where they were found. */
export interface LoadedKeys {
  /** Every key of every source that was read, in the roles that the chosen one gives them. */
  readonly keys: KeyText;
  /** What a new key text is made from: what the chosen source holds, exactly where that is a file. */
  readonly ownKeys: KeyText;
  readonly source: KeySource;
  /** The key files among all sources that were read. */
  readonly files: readonly string[];
  /** What to tell the user: loose modes and the like. */
  readonly warnings: readonly string[];
}

/**
 * Reads the master key from the strongest source at hand. Of several that agree on the active key, the
 * one in which a successor waits is chosen, else the first.
 *
 * @throws ProxmoxMcpError KEY_MISSING where there is no source, KEY_CONFLICT where two variables give
 * different active keys or successors, or what reading and parsing a source gives.
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
      hint: "say where it is, with --key-file, PROXMOX_MCP_MASTER_KEY_FILE or PROXMOX_MCP_MASTER_KEY; a first key is made by `proxmox-mcp-encrypt generate-key`",
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
  refuseTwoSuccessors(loaded);
  const chosen = loaded.find(({ keys }) => keys.successor !== undefined) ?? first;
  const keys = withKeysOf(chosen, loaded);
  return {
    keys,
    // A file is replaced only where it holds what was read from it.
    ownKeys: chosen.source.kind === "file" ? chosen.keys : keys,
    source: chosen.source,
    files: loaded.flatMap(({ files }) => files),
    warnings: loaded.flatMap((one) => [...one.warnings, ...differences(one, chosen)]),
  };
}

function refuseTwoSuccessors(loaded: readonly LoadedKeys[]): void {
  const [first, ...others] = loaded.filter(({ keys }) => keys.successor !== undefined);
  const other = others.find(({ keys: { successor } }) => {
    const expected = first?.keys.successor;
    return successor !== undefined && expected !== undefined && !successor.equals(expected);
  });
  if (first === undefined || other === undefined) return;
  throw new ProxmoxMcpError(
    "KEY_CONFLICT",
    `${first.source.from} and ${other.source.from} hold the same active master key, and different next ones`,
    {
      hint: "name the one whose next key the servers have, with --key-file or --key-env, or unset the other one",
    },
  );
}

function withKeysOf({ keys }: LoadedKeys, loaded: readonly LoadedKeys[]): KeyText {
  const further: MasterKey[] = [];
  for (const key of loaded.flatMap((other) => everyKey(other.keys))) {
    if (!holdsKey(keys, key) && !further.some((known) => known.equals(key))) further.push(key);
  }
  return { ...keys, retired: [...keys.retired, ...further] };
}

function differences(one: LoadedKeys, chosen: LoadedKeys): readonly string[] {
  const isSame = holdsEvery(one.keys, chosen.keys) && holdsEvery(chosen.keys, one.keys);
  if (isSame) return [];
  return [
    `${chosen.source.from} and ${one.source.from} hold the same active master key, and not the same others: all of them open, and a rotation goes on with ${chosen.source.from}`,
  ];
}

function holdsEvery(keys: KeyText, others: KeyText): boolean {
  return everyKey(others).every((key) => holdsKey(keys, key));
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
    const keys = parseKeyText(text);
    return { keys, ownKeys: keys, source, files, warnings };
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    const holder = holderOf(source);
    const message = holder === "" ? error.message : `${holder}: ${error.message}`;
    throw new ProxmoxMcpError(error.code, message, {
      where: { ...whereOf(source), ...error.where },
      hint: error.hint,
    });
  }
}

/** The flag or the variable of a source. The path of a file is what the place of the error names. */
function holderOf(source: KeySource): string {
  if (source.kind !== "file") return source.from;
  return source.from.replace(source.path, "").replace(/ (?:\(\))?$/, "");
}
