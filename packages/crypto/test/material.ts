/** What the tests of the core share: example keys, a fixed clock and repeatable randomness. */
import { createHash } from "node:crypto";
import { createDeriver, type Deriver } from "../src/key/derive.ts";
import type { KeyText } from "../src/key/key-text.ts";
import { MasterKey } from "../src/key/master-key.ts";
import { createOpener, createSealer, type Opener, type Sealer } from "../src/secret.ts";

/** An example key, made of a word. */
export function exampleKey(word: string): MasterKey {
  return new MasterKey(createHash("sha256").update(`example key ${word}`).digest());
}

/** A key text of these keys: the first is active, the rest are retired. */
export function keysOf(active: MasterKey, ...retired: MasterKey[]): KeyText {
  return { active, successor: undefined, retired };
}

/** Bytes that look random and are the same in every run. */
export function repeatable(seed: string): (size: number) => Buffer {
  let count = 0;
  return (size) => {
    count += 1;
    return createHash("sha512").update(`${seed} ${count}`).digest().subarray(0, size);
  };
}

/** Whole seconds, because tokens hold no more. */
export const NOW: Date = new Date("2024-03-02T01:00:00Z");

export const KEY: MasterKey = exampleKey("one");
export const OTHER_KEY: MasterKey = exampleKey("two");
/** A passphrase of 32 characters: it opens and never seals. */
export const WEAK_KEY: MasterKey = new MasterKey(Buffer.from("an example passphrase, 32 chars."));

/** One per test file, so that each key is derived once in it. */
export const deriver: Deriver = createDeriver();

export const sealer: Sealer = sealerOf(KEY);
export const opener: Opener = createOpener({ keys: keysOf(KEY), deriver });

/** A sealer with its own salt. */
export function sealerOf(key: MasterKey, options: { bound?: boolean; seed?: string } = {}): Sealer {
  const { bound = true, seed = "salt" } = options;
  return createSealer({ key, random: repeatable(seed), now: () => NOW, bound, deriver });
}
