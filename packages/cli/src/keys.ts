/** This run's keys: loading them, and helping where they are the wrong ones. */
import {
  createDeriver,
  createOpener,
  createSealer,
  type Deriver,
  type Document,
  type KeyText,
  type MasterKey,
  type Opener,
  ProxmoxMcpError,
  parseKeyText,
  type Sealer,
} from "@proxmox-mcp/crypto";
import {
  listPendingKeys,
  loadKeys,
  loadOtherKeys,
  pathExists,
  readKeyText,
} from "@proxmox-mcp/crypto/files";
import {
  drawAhead,
  everyKey,
  isTokenLike,
  type KeySource,
  type KeySourceQuestion,
  requireStrong,
  SALT_LENGTH,
  whereOf,
} from "@proxmox-mcp/crypto/internal";
import type { CommonFlags } from "./invocation.ts";
import { homeKeyFile, type Io } from "./io.ts";

/** Keys that were found, ready to open values. */
export interface Keys {
  readonly active: MasterKey;
  /** What a new key text is made from. */
  readonly keys: KeyText;
  /** Those and what further sources hold. */
  readonly openingKeys: KeyText;
  readonly opener: Opener;
  readonly deriver: Deriver;
  readonly source: KeySource;
  /** Where they were found, in words. */
  readonly from: string;
  /** Files that hold keys: those that were read, and that of the home. No output may replace one. */
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

/** @throws ProxmoxMcpError KEY_MISSING and whatever finding a key gives. */
export async function findKeys(io: Io, flags: CommonFlags): Promise<Keys> {
  const loaded = await loadKeys(questionOf(io, flags), io);
  const { keys, ownKeys, source, files, warnings } = loaded;
  io.debug("master key found", {
    from: source.from,
    keyId: keys.active.id,
    keys: everyKey(keys).length,
  });
  const deriver = createDeriver(flags.maxDerivations, io.started);
  return {
    active: keys.active,
    keys: ownKeys,
    openingKeys: keys,
    opener: createOpener({ keys, deriver }),
    deriver,
    source,
    from: source.from,
    files: [...files, homeKeyFile(io)],
    warnings: [...warnings, ...weaknesses(keys)],
  };
}

function weaknesses(keys: KeyText): readonly string[] {
  return everyKey(keys).flatMap(({ weakness }, index) => {
    const which = index === 0 ? "the active master key" : "a further master key of the key text";
    const use = "it opens old tokens, but nothing can be sealed with it";
    return weakness === undefined ? [] : [`${which} ${weakness}: ${use}`];
  });
}

/** As `findKeys`, but `undefined` where there is no key at all. */
export async function findKeysIfAny(io: Io, flags: CommonFlags): Promise<Keys | undefined> {
  try {
    return await findKeys(io, flags);
  } catch (error) {
    if (
      error instanceof ProxmoxMcpError &&
      error.code === "KEY_MISSING" &&
      flags.keyEnv === undefined
    ) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Makes a sealer. Its key is being derived on another thread, while the document is parsed.
 *
 * @throws ProxmoxMcpError KEY_INVALID for a key that may not seal, naming its source.
 */
export function prepareSealer(
  { now, random, started }: Io,
  { active: key, deriver, source }: Keys,
  bound: boolean,
): Sealer {
  requireStrong(key, source);
  const salt = started?.salt.subarray(0, SALT_LENGTH);
  const sealer = createSealer({ key, deriver, now, random: drawAhead(random), bound, salt });
  sealer.prepare();
  return sealer;
}

/**
 * Makes sure that the key file or keyring entry which a run seals with still has that key in front.
 * Call it under the lock of what is written: a rotation, and whoever retires the old key after it,
 * waits for that.
 *
 * @throws ProxmoxMcpError FILE_CHANGED, and as reading the source gives.
 */
export async function requireStillActive(
  { env, signal }: Pick<Io, "env" | "signal">,
  { source, active }: Pick<Keys, "source" | "active">,
): Promise<void> {
  if (source.kind !== "file" && source.kind !== "keyring") return;
  const { text } = await readKeyText(source, { env, signal });
  if (parseKeyText(text).active.equals(active)) return;
  throw new ProxmoxMcpError(
    "FILE_CHANGED",
    `${source.from} has another active key by now; nothing was written`,
    {
      where: whereOf(source),
      hint: "run the command again: it takes the new key",
    },
  );
}

/**
 * Adds to a wrong-key error which other key at hand opens the file. Every other error comes back as
 * it is.
 */
export async function withOtherKey(
  io: Io,
  flags: CommonFlags,
  document: Document,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof ProxmoxMcpError) || error.code !== "NO_KEY_OPENS") return error;
  const { location } = error.where;
  const value = document.values.find((candidate) => candidate.location === location);
  if (value === undefined || !isTokenLike(value.text)) return error;
  const others = await loadOtherKeys(questionOf(io, flags), io);
  const candidates = [
    ...others.map(({ keys, source }) => ({
      keys,
      hint: `the key in ${source.from} opens it: name it with --key-file or --key-env`,
    })),
    ...listPendingKeys(io).map(({ keys, path }) => ({
      keys,
      hint: `the new key that waits in ${path} opens it: rotate again with the key that it follows, or name that file with --key-file`,
    })),
  ];
  for (const { keys, hint } of candidates) {
    try {
      await createOpener({ keys }).open(value.text, value.location);
    } catch {
      continue;
    }
    return new ProxmoxMcpError(error.code, error.message, {
      where: error.where,
      hint,
      cause: error,
    });
  }
  return error;
}

function questionOf({ env, home }: Io, flags: CommonFlags): KeySourceQuestion {
  const { keyFile, keyEnv, keyring } = flags;
  return { keyFile, keyEnv, keyring, env, homeFile: homeKeyFile({ home }), exists: pathExists };
}
