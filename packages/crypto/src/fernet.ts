/**
 * The Fernet specification (github.com/fernet/spec, version 0x80) over node:crypto; nothing else.
 *
 * token = base64url(0x80 || timestamp u64be || IV 16 || AES-128-CBC-PKCS7 || HMAC-SHA256 32)
 */
import { createCipheriv } from "node:crypto";
import { decryptCbc } from "./cbc.ts";
import { decodeBase64Url, encodeBase64Url, equalBytes } from "./encoding.ts";
import { hmacSha256 } from "./hmac.ts";

const VERSION = 0x80;
const IV_START = 9;
const BODY_START = 25;
const MAC_LENGTH = 32;
const BLOCK = 16;

/** A Fernet token taken apart. Nothing in it is authentic before `verifyFernet` has said so. */
export interface FernetToken {
  /** Seconds since 1970, as the token claims. */
  readonly timestamp: bigint;
  readonly iv: Buffer;
  /** The IV, and the ciphertext that follows it. */
  readonly blocks: Buffer;
  /** The whole token: what the MAC covers, then the MAC. */
  readonly bytes: Buffer;
}

/** What `sealFernet` puts in. */
export interface FernetInput {
  readonly plaintext: Uint8Array;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  /** 16 bytes, never used twice under one key. */
  readonly iv: Uint8Array;
}

/** Takes a token apart. @returns `undefined` for anything but the canonical spelling of one. */
export function parseFernet(text: string): FernetToken | undefined {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined || bytes[0] !== VERSION) return undefined;
  const bodyLength = bytes.length - BODY_START - MAC_LENGTH;
  if (bodyLength < BLOCK || bodyLength % BLOCK !== 0) return undefined;
  return new FernetBytes(bytes);
}

// Parts are cut out when they are asked for: each cut costs as much as to encode a short token.
class FernetBytes implements FernetToken {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get timestamp(): bigint {
    return this.bytes.readBigUInt64BE(1);
  }

  get iv(): Buffer {
    return this.bytes.subarray(IV_START, BODY_START);
  }

  get blocks(): Buffer {
    return this.bytes.subarray(IV_START, -MAC_LENGTH);
  }
}

/** The token as text, byte for byte as it was parsed. */
export function printFernet(token: FernetToken): string {
  return encodeBase64Url(token.bytes);
}

/** Whether a token was made with this 32-byte Fernet key. Constant time. */
export function verifyFernet(token: FernetToken, key: Uint8Array): boolean {
  const { bytes } = token;
  return equalBytes(macOf(bytes, key), bytes.subarray(-MAC_LENGTH));
}

/**
 * Decrypts a token that `verifyFernet` accepted.
 *
 * @returns the plaintext, or `undefined` where its padding is wrong.
 */
export function decryptFernet(token: FernetToken, key: Uint8Array): Buffer | undefined {
  const padded = decryptCbc(key.subarray(BLOCK), token.blocks);
  const length = padded.length - (padded.at(-1) ?? 0);
  return isPadded(padded, length) ? padded.subarray(0, length) : undefined;
}

/** PKCS7: 1 to 16 bytes, each of which is their number. */
function isPadded(blocks: Buffer, length: number): boolean {
  const size = blocks.length - length;
  return size >= 1 && size <= BLOCK && blocks.subarray(length).every((byte) => byte === size);
}

/** Makes a token with a 32-byte Fernet key (16 bytes sign, 16 bytes encrypt). */
export function sealFernet(input: FernetInput, key: Uint8Array): FernetToken {
  const { plaintext, timestamp, iv } = input;
  // PKCS7 always adds something, a whole block to what is a multiple of one.
  const bodyLength = plaintext.length - (plaintext.length % BLOCK) + BLOCK;
  const signedLength = BODY_START + bodyLength;
  // Everything is written to its place at once: a token may be large, and copies cost most of all.
  const bytes = Buffer.allocUnsafe(signedLength + MAC_LENGTH);
  bytes[0] = VERSION;
  bytes.writeBigUInt64BE(timestamp, 1);
  bytes.set(iv, IV_START);
  const cipher = createCipheriv("aes-128-cbc", key.subarray(BLOCK), iv);
  const start = cipher.update(plaintext);
  bytes.set(start, BODY_START);
  bytes.set(cipher.final(), BODY_START + start.length);
  bytes.set(macOf(bytes, key), signedLength);
  return new FernetBytes(bytes);
}

/** The MAC that belongs at the end of a token. */
function macOf(bytes: Buffer, key: Uint8Array): Buffer {
  return hmacSha256(key.subarray(0, BLOCK), bytes.subarray(0, -MAC_LENGTH));
}
