/**
 * Derived keys: PBKDF2-HMAC-SHA256 (RFC 8018) of a master key and a salt, 100 000 iterations,
 * 32 bytes. Derivations run in parallel on the thread pool; each pair is derived once.
 */
import { createHash, pbkdf2 } from "node:crypto";
import { ProxmoxMcpError } from "../errors.ts";
import type { MasterKey } from "./master-key.ts";

const ITERATIONS = 100_000;
const LENGTH = 32;

/** How many derivations one document may ask for unless told otherwise. */
export const DEFAULT_MAX_DERIVATIONS = 10_000;

/** Derives keys and remembers them, for as long as it is itself kept. */
export interface Deriver {
  /**
   * The 32-byte derived key: the first 16 bytes sign, the last 16 encrypt.
   *
   * @throws ProxmoxMcpError TOO_MANY_DERIVATIONS once the limit is reached, so that a hostile
   * document cannot keep the processor busy for hours.
   */
  derive(key: MasterKey, salt: Uint8Array): Promise<Buffer>;
  /**
   * The deriver of one document among many: it remembers what all of them derived, which is free, and
   * counts its own derivations alone against the same limit.
   */
  forDocument(): Deriver;
  /**
   * Starts a derivation that is likely to be asked for, so that other work can go on beside it. It
   * counts against the limit once it is asked for.
   */
  prepare(key: MasterKey, salt: Uint8Array): void;
}

/** A derivation that was begun before anybody asked for it. */
export interface StartedDerivation {
  /** The bytes of the master key. */
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  /** The derived key. A failure that nobody asks for harms nobody. */
  readonly derived: Promise<Buffer>;
}

/** Begins a derivation on the thread pool. */
export function startDerivation(key: Uint8Array, salt: Uint8Array): StartedDerivation {
  const derived = derive(key, salt);
  // Whoever asks for it hears of a failure.
  derived.catch(() => undefined);
  return { key, salt, derived };
}

/**
 * Makes a deriver that remembers nothing yet. What it derives is PBKDF2 of RFC 8018, section 5.2, with
 * HMAC-SHA256, 100 000 iterations and 32 bytes.
 *
 * @param started is taken where exactly this one is asked for, and counts from then on.
 */
export function createDeriver(
  maxDerivations: number = DEFAULT_MAX_DERIVATIONS,
  started?: StartedDerivation,
): Deriver {
  const prepared: Derivations = new Map();
  if (started !== undefined) prepared.set(cacheName(started.key, started.salt), started.derived);
  return sharing(new Map(), prepared, maxDerivations);
}

type Derivations = Map<string, Promise<Buffer>>;

function sharing(cache: Derivations, prepared: Derivations, maxDerivations: number): Deriver {
  let count = 0;
  return {
    async derive(key, salt) {
      const name = cacheName(key.bytes, salt);
      const known = cache.get(name);
      if (known !== undefined) return known;
      if (count >= maxDerivations) {
        throw new ProxmoxMcpError(
          "TOO_MANY_DERIVATIONS",
          `the document asks for more than ${maxDerivations} key derivations`,
          { hint: "if this is meant, raise the limit with --max-derivations N" },
        );
      }
      count += 1;
      const derived = prepared.get(name) ?? derive(key.bytes, salt);
      prepared.delete(name);
      cache.set(name, derived);
      return derived;
    },

    prepare(key, salt) {
      const name = cacheName(key.bytes, salt);
      if (cache.has(name) || prepared.has(name)) return;
      prepared.set(name, startDerivation(key.bytes, salt).derived);
    },

    forDocument: () => sharing(cache, prepared, maxDerivations),
  };
}

function derive(key: Uint8Array, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(key, salt, ITERATIONS, LENGTH, "sha256", (error, derived) => {
      if (error === null) resolve(derived);
      else reject(error);
    });
  });
}

// A digest, so that the map's names are no second copy of the key. The length keeps a salt of 17
// bytes apart from one of 16 before a key that begins with the 17th.
function cacheName(key: Uint8Array, salt: Uint8Array): string {
  const length = Buffer.of(salt.byteLength);
  return createHash("sha256").update(length).update(salt).update(key).digest("base64");
}
