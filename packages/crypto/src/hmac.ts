/**
 * HMAC-SHA256 (RFC 2104) at its cheapest: a native object of `node:crypto` takes three times as long to
 * make as a short message to sign.
 */
import crypto from "node:crypto";

/** The block of SHA-256. Longer keys would have to be hashed. */
const BLOCK = 64;
const DIGEST = 32;
const INNER = 0x36;
const OUTER = 0x5c;
/** For longer messages the copy, which `hash` needs, would cost more than the object. */
const LONGEST_COPIED = 1024;

// Filled and used up within one call. They spare each call an allocation, and keep what is made of a
// key out of the memory that Node hands to others uncleared.
const inner = Buffer.alloc(BLOCK + LONGEST_COPIED);
const outer = Buffer.alloc(BLOCK + DIGEST);

/** HMAC-SHA256, 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Buffer {
  const isShort = message.length <= LONGEST_COPIED && key.length <= BLOCK;
  // Node 20.11 and older have no `hash`; an import by its name would not even load there.
  if (!isShort || crypto.hash === undefined) {
    return crypto.createHmac("sha256", key).update(message).digest();
  }
  pad(inner, key, INNER);
  inner.set(message, BLOCK);
  pad(outer, key, OUTER);
  // Digests as text of one byte a character: as buffers they would take twice the time.
  outer.write(
    crypto.hash("sha256", inner.subarray(0, BLOCK + message.length), "binary"),
    BLOCK,
    "latin1",
  );
  return Buffer.from(crypto.hash("sha256", outer, "binary"), "latin1");
}

function pad(block: Buffer, key: Uint8Array, byte: number): void {
  block.fill(byte, 0, BLOCK);
  for (let index = 0; index < key.length; index += 1) block[index] = byte ^ (key[index] ?? 0);
}
