/**
 * The Fernet specification (github.com/fernet/spec, version 0x80) over node:crypto; nothing else.
 *
 * token = base64url(0x80 || timestamp u64be || IV 16 || AES-128-CBC-PKCS7 || HMAC-SHA256 32)
 */
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { decodeBase64Url, encodeBase64Url, equalBytes } from "./encoding.ts";

const VERSION = 0x80;
const IV_START = 9;
const BODY_START = 25;
const MAC_LENGTH = 32;
const BLOCK = 16;

/** A Fernet token taken apart. Nothing in it is authentic before `openFernet` has said so. */
export interface FernetToken {
  /** Seconds since 1970, as the token claims. */
  readonly timestamp: bigint;
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  /** What the MAC covers. */
  readonly signed: Buffer;
  readonly mac: Buffer;
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
  const signed = bytes.subarray(0, -MAC_LENGTH);
  return {
    timestamp: bytes.readBigUInt64BE(1),
    iv: bytes.subarray(IV_START, BODY_START),
    ciphertext: signed.subarray(BODY_START),
    signed,
    mac: bytes.subarray(-MAC_LENGTH),
  };
}

/** The token as text, byte for byte as it was parsed. */
export function printFernet(token: FernetToken): string {
  return encodeBase64Url(Buffer.concat([token.signed, token.mac]));
}

/** Whether a token was made with this 32-byte Fernet key. Constant time. */
export function verifyFernet(token: FernetToken, key: Uint8Array): boolean {
  return equalBytes(hmac(key, token.signed), token.mac);
}

/**
 * Decrypts a token that `verifyFernet` accepted.
 *
 * @returns the plaintext, or `undefined` where its padding is wrong.
 */
export function decryptFernet(token: FernetToken, key: Uint8Array): Buffer | undefined {
  const decipher = createDecipheriv("aes-128-cbc", key.subarray(BLOCK), token.iv);
  try {
    return Buffer.concat([decipher.update(token.ciphertext), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** Makes a token with a 32-byte Fernet key (16 bytes sign, 16 bytes encrypt). */
export function sealFernet(input: FernetInput, key: Uint8Array): FernetToken {
  const head = Buffer.alloc(IV_START);
  head.writeUInt8(VERSION, 0);
  head.writeBigUInt64BE(input.timestamp, 1);
  const iv = Buffer.from(input.iv);
  const cipher = createCipheriv("aes-128-cbc", key.subarray(BLOCK), iv);
  const ciphertext = Buffer.concat([cipher.update(input.plaintext), cipher.final()]);
  const signed = Buffer.concat([head, iv, ciphertext]);
  return { timestamp: input.timestamp, iv, ciphertext, signed, mac: hmac(key, signed) };
}

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac("sha256", key.subarray(0, BLOCK)).update(data).digest();
}
