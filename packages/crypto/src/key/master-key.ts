/** Master keys: 32 random bytes, written as 44 characters of padded base64url. */
import { createHash } from "node:crypto";
import { encodeBase64Url, equalBytes } from "../encoding.ts";
import { ProxmoxMcpError } from "../errors.ts";
import { type KeySource, whereOf } from "./source.ts";

/** The length of a master key, in bytes. */
export const MASTER_KEY_LENGTH = 32;

const REDACTED = "[master key]";
const ALPHABETS = /^[A-Za-z0-9_+/-]+$/;
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * A master key. Its bytes leave it only through `bytes` and `reveal`; printing it in any other way
 * shows `[master key]`.
 */
export class MasterKey {
  readonly #bytes: Buffer;
  #id: string | undefined;
  /** Why this key may open values but never seal them; `undefined` for a key that may do both. */
  readonly weakness: string | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
    this.weakness = weaknessOf(this.#bytes);
  }

  /**
   * The first 8 hex digits of SHA-256("proxmox-mcp key id" || 0x00 || key bytes). It names the key
   * without giving anything of it away. `undefined` for keys that are not 32 bytes long.
   */
  get id(): string | undefined {
    if (this.#bytes.length !== MASTER_KEY_LENGTH) return undefined;
    // The first hash of a process takes half a millisecond, which a derivation need not wait for.
    this.#id ??= keyId(this.#bytes);
    return this.#id;
  }

  /** The key material. Do not change it. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** The key as padded base64url: for a key file, a sink or a pipe, and nothing else. */
  reveal(): string {
    return encodeBase64Url(this.#bytes);
  }

  equals(other: MasterKey): boolean {
    return equalBytes(this.#bytes, other.#bytes);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  static {
    const inspect = Symbol.for("nodejs.util.inspect.custom");
    Object.defineProperty(MasterKey.prototype, inspect, { value: () => REDACTED });
  }
}

/**
 * Makes a new master key.
 *
 * @param random returns the asked number of bytes from a cryptographically secure source.
 */
export function generateMasterKey(random: (size: number) => Uint8Array): MasterKey {
  for (;;) {
    const key = new MasterKey(random(MASTER_KEY_LENGTH));
    // Chance alone makes 32 printable bytes once in 10^14 keys; such a key could not be used.
    if (key.weakness === undefined) return key;
  }
}

/**
 * Reads one master key. White space around it is dropped; both base64 alphabets and missing padding
 * are accepted; everything else is refused with the name of the trouble.
 *
 * The result may be a weak key (see `MasterKey.weakness`): refuse it before sealing.
 *
 * @throws ProxmoxMcpError KEY_EMPTY or KEY_INVALID. The message never holds a part of the text.
 */
export function parseMasterKey(text: string): MasterKey {
  const trimmed = text.trim();
  if (trimmed === "")
    throw new ProxmoxMcpError("KEY_EMPTY", "the master key is empty", { hint: WANTED });
  if (/["'`]/.test(trimmed)) throw invalid("has quotes around or in it: remove them");
  const body = trimmed.replace(/={1,2}$/, "");
  if (body.includes("=")) {
    throw invalid(
      "has padding in its middle, as when two keys are glued together: put each on a line of its own",
    );
  }
  if (!ALPHABETS.test(body)) throw invalid("has a character that base64url does not have");
  if (/[+/]/.test(body) && /[_-]/.test(body)) throw invalid("mixes the two base64 alphabets");
  const canonical = body.replaceAll("+", "-").replaceAll("/", "_");
  const bytes = Buffer.from(canonical, "base64url");
  const padding = trimmed.length - body.length;
  if (canonical.length % 4 === 1 || (padding > 0 && trimmed.length % 4 !== 0)) {
    throw invalid(
      "is cut short or has characters too many: its length is none that base64url can have",
    );
  }
  if (bytes.toString("base64url") !== canonical) {
    throw invalid(
      "ends in a character that no encoder writes there, as when it was mistyped or cut off",
    );
  }
  return new MasterKey(bytes);
}

/**
 * Demands a key that may seal.
 *
 * @throws ProxmoxMcpError KEY_INVALID for a key of another length, or one that is a passphrase, naming
 * its source where that is given.
 */
export function requireStrong({ weakness }: MasterKey, source?: KeySource): void {
  if (weakness === undefined) return;
  const held = source === undefined ? "" : ` in ${source.from}`;
  throw new ProxmoxMcpError(
    "KEY_INVALID",
    `the active master key${held} ${weakness}; nothing is sealed with it`,
    { where: source === undefined ? {} : whereOf(source), hint: WEAK },
  );
}

const WANTED =
  "a master key is 32 random bytes as 44 characters of base64url: make one with `proxmox-mcp-encrypt generate-key`";
// Whoever makes a new key instead loses what this one opened.
const DAMAGED =
  "put the whole key back from its backup, since a new one would not open what this one sealed; a master key is 32 random bytes as 44 characters of base64url, as `proxmox-mcp-encrypt generate-key` makes it";
// It may be cut off, or from an old tool that took any length. A new file, as that of this key is there.
const WEAK =
  "put the whole key back from its backup if it was cut off; if not, move what it opens to a new key with `proxmox-mcp-encrypt rotate-key FILE`, with `--new-key-out NEW_KEY_FILE` where the key is in no file; only where nothing is sealed with it, make a new one with `proxmox-mcp-encrypt generate-key -o NEW_KEY_FILE`";

function invalid(trouble: string): ProxmoxMcpError {
  return new ProxmoxMcpError("KEY_INVALID", `the master key ${trouble}`, { hint: DAMAGED });
}

function keyId(bytes: Buffer): string {
  return createHash("sha256")
    .update("proxmox-mcp key id\0")
    .update(bytes)
    .digest("hex")
    .slice(0, 8);
}

function weaknessOf(bytes: Buffer): string | undefined {
  if (bytes.length !== MASTER_KEY_LENGTH)
    return `is ${bytes.length} bytes long instead of ${MASTER_KEY_LENGTH}`;
  // Every byte of a passphrase is printable; of a random key almost never is.
  if (PRINTABLE.test(bytes.toString("latin1")))
    return "is printable text, so a passphrase and no random key";
  return undefined;
}
