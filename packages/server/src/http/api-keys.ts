/** The API keys of clients. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { HttpSection } from "@proxmox-mcp/crypto/config";

/** Compares what a client shows with the keys of a config. */
export interface ApiKeys {
  /**
   * The name of a key, compared in constant time with every one.
   *
   * @returns `undefined` where there is no such key.
   */
  nameOf(shown: string): string | undefined;
}

const DIGEST_KEY_BYTES = 32;

/**
 * Keeps digests of the keys, and no key. They are made under a random key: who sees how long a
 * comparison takes learns nothing of a digest that cannot be computed elsewhere.
 *
 * @param random bytes that nobody can foresee.
 */
export function apiKeysOf(
  keys: HttpSection["api_keys"],
  random: (size: number) => Uint8Array = randomBytes,
): ApiKeys {
  const digestKey = random(DIGEST_KEY_BYTES);
  const digestOf = (text: string) => createHmac("sha256", digestKey).update(text).digest();
  const known = Object.entries(keys).map(([name, key]) => ({
    name,
    digest: digestOf(key.reveal()),
  }));
  return {
    nameOf(shown) {
      const digest = digestOf(shown);
      // All of them, whichever it is: the time does not tell at which place it was found.
      const found = known.filter((key) => timingSafeEqual(key.digest, digest));
      return found[0]?.name;
    },
  };
}
