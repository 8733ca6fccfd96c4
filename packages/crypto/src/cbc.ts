/**
 * AES-128-CBC decryption (NIST SP 800-38A, 6.2) at its cheapest: a native object of `node:crypto` takes
 * three times as long to make as a short message to decrypt.
 */
import { createDecipheriv, type Decipher } from "node:crypto";
import { equalBytes } from "./encoding.ts";

const BLOCK = 16;
/** For longer messages the chaining in JavaScript would cost more than the object. */
const LONGEST_CHAINED = 1024;

/** What deciphers single blocks, with a copy of its key: the caller's may be changed, or be another. */
interface BlockDecipher {
  readonly key: Buffer;
  readonly decipher: Decipher;
}

// The values of a document share their key.
let latest: BlockDecipher | undefined;

/**
 * Decrypts whole blocks, whose padding is left to the caller.
 *
 * @param key 16 bytes.
 * @param blocks the IV of 16 bytes, then the ciphertext: each block is chained to the one before it.
 */
export function decryptCbc(key: Uint8Array, blocks: Buffer): Buffer {
  const ciphertext = blocks.subarray(BLOCK);
  if (ciphertext.length > LONGEST_CHAINED) {
    const decipher = createDecipheriv("aes-128-cbc", key, blocks.subarray(0, BLOCK));
    return decipher.setAutoPadding(false).update(ciphertext);
  }
  // Without padding it gives each block back at once, and keeps none: nothing is left for the next message.
  const plain = decipherOf(key).update(ciphertext);
  for (let index = 0; index < plain.length; index += 1) {
    plain[index] = (plain[index] ?? 0) ^ (blocks[index] ?? 0);
  }
  return plain;
}

function decipherOf(key: Uint8Array): Decipher {
  if (latest === undefined || !equalBytes(latest.key, key)) {
    const decipher = createDecipheriv("aes-128-ecb", key, null).setAutoPadding(false);
    latest = { key: Buffer.from(key), decipher };
  }
  return latest.decipher;
}
