/**
 * What ties a bound token to its field: a tag in the IV of an otherwise ordinary Fernet token.
 *
 *   context key = HMAC-SHA256(derived key, "proxmox-mcp context key v1")
 *   tag = first 8 bytes of HMAC-SHA256(context key, lp("proxmox-mcp bound token v1") || lp(nonce) ||
 *         lp("") || lp(location) || u64be(timestamp) || lp(plaintext))
 *   IV  = nonce (8 random bytes) || tag
 *
 * lp(x) is u32be(byte length) || bytes; the empty field is reserved for a scope.
 */
import { createHmac } from "node:crypto";
import { equalBytes } from "./encoding.ts";

/** The random part of a bound token's IV, in bytes. */
export const NONCE_LENGTH = 8;

const TAG_LENGTH = 8;
const CONTEXT_LABEL = "proxmox-mcp context key v1";
const TOKEN_LABEL = Buffer.from("proxmox-mcp bound token v1", "ascii");
const SCOPE = Buffer.alloc(0);

/** What a tag is made of. */
export interface Binding {
  readonly nonce: Uint8Array;
  /** A JSON Pointer or `env:NAME`. */
  readonly location: string;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  readonly plaintext: Uint8Array;
}

/** The 16-byte IV of a bound token, under a derived key. */
export function bindingIv(binding: Binding, derivedKey: Uint8Array): Buffer {
  const { nonce, location, plaintext } = binding;
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64BE(binding.timestamp);
  // The plaintext may be large, and goes in by itself; for all else one call is faster than eight.
  const head = Buffer.concat([
    ...[TOKEN_LABEL, nonce, SCOPE, Buffer.from(location, "utf8")].flatMap(withLength),
    timestamp,
    length(plaintext),
  ]);
  const mac = createHmac("sha256", contextKeyOf(derivedKey)).update(head).update(plaintext);
  return Buffer.concat([nonce, mac.digest().subarray(0, TAG_LENGTH)]);
}

// Every token of a run needs the same one. It is forgotten with the derived key itself.
const contextKeys = new WeakMap<Uint8Array, Buffer>();

function contextKeyOf(derivedKey: Uint8Array): Buffer {
  const known = contextKeys.get(derivedKey);
  if (known !== undefined) return known;
  const contextKey = createHmac("sha256", derivedKey).update(CONTEXT_LABEL).digest();
  contextKeys.set(derivedKey, contextKey);
  return contextKey;
}

/**
 * Whether an IV binds this plaintext and time to this location. Constant time. Nothing is bound to a
 * location that UTF-8 cannot hold.
 */
export function bindsTo(
  iv: Uint8Array,
  binding: Omit<Binding, "nonce">,
  derivedKey: Uint8Array,
): boolean {
  if (!binding.location.isWellFormed()) return false;
  return equalBytes(iv, bindingIv({ ...binding, nonce: iv.subarray(0, NONCE_LENGTH) }, derivedKey));
}

function withLength(field: Uint8Array): readonly Uint8Array[] {
  return [length(field), field];
}

function length(field: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(field.byteLength);
  return bytes;
}
