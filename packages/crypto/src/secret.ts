/** Sealing and opening one value: key, Fernet, token and binding brought together. */

import { bindingIv, bindsTo, NONCE_LENGTH } from "./binding.ts";
import { decodeUtf8, encodeUtf8 } from "./encoding.ts";
import { ProxmoxMcpError } from "./errors.ts";
import { decryptFernet, sealFernet, verifyFernet } from "./fernet.ts";
import { firstSalt } from "./first-salt.ts";
import { createDeriver, type Deriver } from "./key/derive.ts";
import { everyKey, type KeyText } from "./key/key-text.ts";
import { type MasterKey, requireStrong } from "./key/master-key.ts";
import { askKnownAnswer } from "./known-answer.ts";
import { createSecondOpinion, type SecondOpinion } from "./second-opinion.ts";
import {
  parseToken,
  printToken,
  SALT_LENGTH,
  saltOf,
  type Token,
  type TokenForm,
} from "./token.ts";

/** A value that was opened. */
export interface OpenedValue {
  readonly plaintext: string;
  readonly form: TokenForm;
  /** The id of the key that opened it; `undefined` for a key of another length than 32 bytes. */
  readonly keyId: string | undefined;
  /** When it was sealed, as the token says and its MAC confirms. */
  readonly sealedAt: Date;
}

/** Opens values with the keys it was made with. */
export interface Opener {
  /**
   * Starts to derive the key of the first token in a text, which can be parsed meanwhile. What is
   * wrong with the token is told when it is opened.
   *
   * @throws ProxmoxMcpError UNEXPECTED as `askKnownAnswer`.
   */
  prepare(text: string): void;
  /**
   * Opens a token found at `location`. A bound token must have been sealed for that location, or
   * for one of the `alternatives` (a value that came from a variable may be sealed for `env:NAME`).
   *
   * @throws ProxmoxMcpError, decided in this order: TOKEN_MALFORMED or TOKEN_NEWER; NO_KEY_OPENS;
   * TOKEN_OPAQUE; TOKEN_MISPLACED. `where.location` is set.
   */
  open(text: string, location: string, ...alternatives: readonly string[]): Promise<OpenedValue>;
  /**
   * Which of the keys a token was sealed with, wherever it stands and whatever it holds: its MAC alone
   * tells.
   *
   * @returns `undefined` where none of them opens it.
   * @throws ProxmoxMcpError TOKEN_MALFORMED or TOKEN_NEWER.
   */
  keyOf(text: string): Promise<MasterKey | undefined>;
  /** Which of these locations a bound token was sealed for, if any; never throws for bad tokens. */
  homeOf(text: string, candidates: Iterable<string>): Promise<string | undefined>;
}

/** What an opener is made of. */
export interface OpenerOptions {
  readonly keys: KeyText;
  /** Share one to derive each key once. */
  readonly deriver?: Pick<Deriver, "derive" | "prepare">;
}

/** Makes an opener. Every key of the key text is tried: active, successor, retired. */
export function createOpener(options: OpenerOptions): Opener {
  const keys = everyKey(options.keys);
  const deriver = options.deriver ?? createDeriver();
  return {
    prepare(text) {
      const salt = firstSalt(text);
      if (salt === undefined) return;
      deriver.prepare(options.keys.active, salt);
      askKnownAnswer();
    },

    async open(text, location, ...alternatives) {
      try {
        const token = parseToken(text);
        const found = await decrypt(token, keys, deriver);
        const plaintext = decodeUtf8(found.plaintext);
        if (plaintext === undefined) throw opaque();
        if (
          token.form === "bound" &&
          ![location, ...alternatives].some((at) => isHome(token, found, at))
        ) {
          throw misplaced();
        }
        return {
          plaintext,
          form: token.form,
          keyId: found.key.id,
          sealedAt: claimedTime(token),
        };
      } catch (error) {
        throw error instanceof ProxmoxMcpError ? error.at({ location }) : error;
      }
    },

    async keyOf(text) {
      return (await findKey(parseToken(text), keys, deriver))?.key;
    },

    async homeOf(text, candidates) {
      try {
        const token = parseToken(text);
        if (token.form !== "bound") return undefined;
        const found = await decrypt(token, keys, deriver);
        for (const candidate of candidates) {
          if (isHome(token, found, candidate)) return candidate;
        }
        return undefined;
      } catch (error) {
        if (error instanceof ProxmoxMcpError) return undefined;
        throw error;
      }
    },
  };
}

/** Seals values under one key and one salt. */
export interface Sealer {
  /**
   * Seals a value for one location.
   *
   * @throws TypeError for text or a location that UTF-8 cannot hold (a lone surrogate).
   */
  seal(plaintext: string, location: string): Promise<string>;
  /**
   * Starts the derivation and loads the second opinion, so that other work can go on beside it. Never
   * throws: a failure is told when the sealer is used.
   */
  prepare(): void;
  /** The check of new tokens by npm `fernet`. */
  secondOpinion(): Promise<SecondOpinion>;
  /** Opens with the sealing key alone, so that what was sealed with it needs no other key. */
  readonly opener: Opener;
}

/** What a sealer is made of. */
export interface SealerOptions {
  /** The active master key. */
  readonly key: MasterKey;
  /** Returns the asked number of bytes from a cryptographically secure source. */
  readonly random: (size: number) => Uint8Array;
  /** The present time, which the tokens will claim. */
  readonly now: () => Date;
  /** Bound tokens by default; unbound ones for readers that look at IVs and salts themselves. */
  readonly bound?: boolean;
  /** Share one to derive each key once. */
  readonly deriver?: Pick<Deriver, "derive" | "prepare">;
  /**
   * 16 random bytes that were drawn for this sealer alone, where their derivation was begun before;
   * otherwise the sealer draws them.
   */
  readonly salt?: Uint8Array | undefined;
}

/**
 * Makes a sealer. It draws one salt and shares it among all the values it seals, so that a run costs
 * one derivation to seal and one to open again.
 *
 * @throws ProxmoxMcpError KEY_INVALID for a key that may not seal.
 */
export function createSealer(options: SealerOptions): Sealer {
  const { key, random, now, bound = true } = options;
  requireStrong(key);
  const deriver = options.deriver ?? createDeriver();
  const salt = saltOf(options.salt ?? random(SALT_LENGTH), bound);
  const derived = () => deriver.derive(key, salt);
  let opinion: Promise<SecondOpinion> | undefined;
  const secondOpinion = () => {
    opinion ??= createSecondOpinion(derived());
    return opinion;
  };
  return {
    async seal(text, location) {
      const plaintext = encodeUtf8(text);
      if (plaintext === undefined || !location.isWellFormed()) {
        throw new TypeError("a lone surrogate cannot be sealed");
      }
      const derivedKey = await derived();
      const timestamp = BigInt(Math.floor(now().getTime() / 1000));
      const iv = bound
        ? bindingIv({ nonce: random(NONCE_LENGTH), location, timestamp, plaintext }, derivedKey)
        : random(SALT_LENGTH);
      const fernet = sealFernet({ plaintext, timestamp, iv }, derivedKey);
      return printToken({ form: bound ? "bound" : "unbound", salt, saltWritten: true, fernet });
    },
    prepare() {
      secondOpinion().catch(() => undefined);
    },
    secondOpinion,
    opener: createOpener({ keys: { active: key, successor: undefined, retired: [] }, deriver }),
  };
}

/** When a token says it was sealed. Nobody vouches for it before the token was opened. */
export function claimedTime(token: Token): Date {
  return new Date(Number(token.fernet.timestamp) * 1000);
}

/** A key that the MAC of a token confirms. */
interface FoundKey {
  readonly key: MasterKey;
  readonly derivedKey: Buffer;
}

interface Decrypted extends FoundKey {
  readonly plaintext: Buffer;
}

async function findKey(
  token: Token,
  keys: readonly MasterKey[],
  deriver: Pick<Deriver, "derive">,
): Promise<FoundKey | undefined> {
  for (const key of keys) {
    // Nobody seals bound tokens with a weak key, so a match there would be a forgery.
    if (token.form === "bound" && key.weakness !== undefined) continue;
    const derivedKey = await deriver.derive(key, token.salt);
    if (verifyFernet(token.fernet, derivedKey)) return { key, derivedKey };
  }
  return undefined;
}

async function decrypt(
  token: Token,
  keys: readonly MasterKey[],
  deriver: Pick<Deriver, "derive">,
): Promise<Decrypted> {
  const found = await findKey(token, keys, deriver);
  if (found !== undefined) {
    const plaintext = decryptFernet(token.fernet, found.derivedKey);
    if (plaintext === undefined) throw opaque();
    return { plaintext, ...found };
  }
  const tried =
    keys.length === 1
      ? "the master key does not open it"
      : `none of the ${keys.length} master keys opens it`;
  throw new ProxmoxMcpError(
    "NO_KEY_OPENS",
    `Token decryption failed: ${tried}; the key is another one, or the token is corrupted`,
    {
      hint: "name the key that sealed it with --key-file or --key-env; if it is the right one, restore the value from a backup",
    },
  );
}

function isHome(token: Token, found: Decrypted, location: string): boolean {
  const { plaintext, derivedKey } = found;
  const { iv, timestamp } = token.fernet;
  return bindsTo(iv, { location, timestamp, plaintext }, derivedKey);
}

// One answer for every fault behind the MAC, so that nothing can be learnt from their difference.
function opaque(): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "TOKEN_OPAQUE",
    "Token decryption failed: the key is right, but what it opens is no text",
    {
      hint: "restore the value from a backup, or write a new one with `proxmox-mcp-encrypt set FILE FIELD`",
    },
  );
}

function misplaced(): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "TOKEN_MISPLACED",
    "Token decryption failed: it was sealed for another field",
    {
      hint: "put it back where it came from, or repair an honest rename with `proxmox-mcp-encrypt encrypt FILE --in-place --rebind OLD=NEW`",
    },
  );
}
