/**
 * The `enc:` grammar: parse once into a type, print it back to the same bytes.
 *
 *   enc:b64(F)              legacy   the static salt
 *   enc:b64(salt):b64(F)    unbound  16 bytes of salt
 *   enc:b64(salt):b64(F)    bound    17 bytes, the last one 0x01
 *
 * `b64` is padded base64url, `F` the text of a Fernet token, encoded once more as the Python tool
 * does. docs/token-format.md is the specification.
 */
import { decodeBase64Url, encodeBase64Url } from "./encoding.ts";
import { ProxmoxMcpError } from "./errors.ts";
import { type FernetToken, parseFernet, printFernet } from "./fernet.ts";
import { defaultsOf, hasPlaceholder } from "./placeholder.ts";

/** The salt of legacy tokens: 16 ASCII bytes that everybody knows. */
export const STATIC_SALT: Buffer = Buffer.from("proxmox_mcp_salt", "ascii");
/** Random bytes in a salt. */
export const SALT_LENGTH = 16;
/** The last byte of a bound token's salt. */
export const BOUND_VERSION = 0x01;

const PREFIX = "enc:";
const TOKEN_LIKE = /^\s*enc:/i;

/** What PBKDF2 gets, of 16 random bytes. */
export function saltOf(random: Uint8Array, bound: boolean): Buffer {
  return Buffer.from(bound ? [...random, BOUND_VERSION] : random);
}

/** How a token was made; what `status` calls it. */
export type TokenForm = "legacy" | "unbound" | "bound";

/** What a value is, seen without any key. */
export type ValueState =
  | TokenForm
  | "plain"
  /** `${VAR:-literal}`: the literal is a secret in plain sight. */
  | "plain-default"
  /** Holds `${`: filled in from the environment when the config is loaded. */
  | "placeholder"
  /** Begins like a token and is none. */
  | "malformed"
  /** A token of a version that this one does not know. */
  | "newer";

/** A token taken apart. */
export interface Token {
  readonly form: TokenForm;
  /** What PBKDF2 gets: 16 bytes, or 17 with the version at the end. */
  readonly salt: Buffer;
  /** Legacy tokens may leave their salt out. */
  readonly saltWritten: boolean;
  readonly fernet: FernetToken;
}

/** Whether a value is a token of a form that is known here. */
export function isSealed(state: string): state is TokenForm {
  return state === "legacy" || state === "unbound" || state === "bound";
}

/** Whether a value shows a secret to whoever reads the file. */
export function isPlain(state: string): boolean {
  return state === "plain" || state === "plain-default";
}

/** Whether a value claims to be a token: never treat such a value as plain text. */
export function isTokenLike(text: string): boolean {
  return TOKEN_LIKE.test(text);
}

/** What a value is, by its text alone. */
export function stateOf(text: string): ValueState {
  return lookInto(text).state;
}

/** What a value is, by its text alone, and the token that it holds, where its form is known here. */
export function lookInto(text: string): { readonly state: ValueState; readonly token?: Token } {
  if (!isTokenLike(text)) return { state: plainStateOf(text) };
  try {
    const token = parseToken(text);
    return { state: token.form, token };
  } catch (error) {
    const isNewer = error instanceof ProxmoxMcpError && error.code === "TOKEN_NEWER";
    return { state: isNewer ? "newer" : "malformed" };
  }
}

function plainStateOf(text: string): ValueState {
  if (!hasPlaceholder(text)) return "plain";
  return defaultsOf(text).length > 0 ? "plain-default" : "placeholder";
}

/**
 * Takes a token apart.
 *
 * @throws ProxmoxMcpError TOKEN_MALFORMED, or TOKEN_NEWER for a version that is not known here.
 */
export function parseToken(text: string): Token {
  if (!text.startsWith(PREFIX)) {
    throw malformed("it does not begin with exactly `enc:`");
  }
  const parts = text.slice(PREFIX.length).split(":");
  const [first = "", second] = parts;
  if (parts.length > 2) throw malformed("it has more than two parts after `enc:`");
  const saltWritten = second !== undefined;
  const salt = saltWritten ? decodeBase64Url(first) : STATIC_SALT;
  if (salt === undefined) throw malformed("its salt is not padded base64url");
  const form = formOf(salt);
  const inner = decodeBase64Url(saltWritten ? second : first);
  const fernet = inner === undefined ? undefined : parseFernet(inner.toString("latin1"));
  if (fernet === undefined) throw malformed("what it holds is no whole Fernet token");
  return { form, salt, saltWritten, fernet };
}

/** The token as text; the same bytes as it was parsed from. */
export function printToken(token: Token): string {
  const fernet = encodeBase64Url(Buffer.from(printFernet(token.fernet), "latin1"));
  return token.saltWritten ? `${PREFIX}${encodeBase64Url(token.salt)}:${fernet}` : PREFIX + fernet;
}

function formOf(salt: Buffer): TokenForm {
  if (salt.length === SALT_LENGTH) return salt.equals(STATIC_SALT) ? "legacy" : "unbound";
  if (salt.length !== SALT_LENGTH + 1) {
    throw malformed(`its salt is ${salt.length} bytes long instead of 16 or 17`);
  }
  if (salt[SALT_LENGTH] === BOUND_VERSION) return "bound";
  throw new ProxmoxMcpError(
    "TOKEN_NEWER",
    "Invalid encrypted token format: it was written by a newer version of this tool",
    { hint: "update proxmox-mcp and try again" },
  );
}

function malformed(trouble: string): ProxmoxMcpError {
  return new ProxmoxMcpError("TOKEN_MALFORMED", `Invalid encrypted token format: ${trouble}`, {
    hint: "restore the value from a backup, or write a new one with `proxmox-mcp-encrypt set FILE FIELD`",
  });
}
