/**
 * The second opinion: before a file is replaced, each new token is opened by npm `fernet`, an
 * implementation that shares no code with ours. It only checks. It never decides what we accept,
 * because it decodes base64 loosely; and it is loaded by writing commands alone, because it costs
 * start-up time and extends `String.prototype`.
 */
import { encodeBase64Url } from "./encoding.ts";
import { ProxmoxMcpError } from "./errors.ts";
import { printFernet } from "./fernet.ts";
import { askKnownAnswer, KNOWN_KEY } from "./known-answer.ts";
import { parseToken } from "./token.ts";

/** Confirms that a new token opens to what was sealed. */
export type SecondOpinion = (token: string, plaintext: string, location: string) => void;

type Fernet = typeof import("fernet").default;

/**
 * Loads the other implementation.
 *
 * @param derivedKey the 32-byte Fernet key of the run; loading goes on while it is derived.
 * @returns a function that throws ProxmoxMcpError UNEXPECTED where the two disagree.
 * @throws ProxmoxMcpError UNEXPECTED where they disagree about a known token already.
 */
export async function createSecondOpinion(derivedKey: Promise<Uint8Array>): Promise<SecondOpinion> {
  const [fernet, key] = await Promise.all([load(), derivedKey]);
  const decode = decoderOf(fernet, key);
  return (token, plaintext, location) => {
    if (decode(printFernet(parseToken(token).fernet)) !== plaintext) {
      throw disagreement("a new token", { location });
    }
  };
}

async function load(): Promise<Fernet> {
  const { default: fernet } = await import("fernet");
  const { token, plaintext } = askKnownAnswer();
  if (decoderOf(fernet, KNOWN_KEY)(printFernet(token)) !== plaintext) {
    throw disagreement("a known token");
  }
  return fernet;
}

/** Opens tokens with one key. The result gives `undefined` for those that it cannot open. */
function decoderOf(fernet: Fernet, key: Uint8Array): (token: string) => string | undefined {
  const secret = new fernet.Secret(encodeBase64Url(key));
  return (token) => {
    try {
      return new fernet.Token({ secret, token, ttl: 0 }).decode();
    } catch {
      return undefined;
    }
  };
}

function disagreement(about: string, where: { readonly location?: string } = {}): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "UNEXPECTED",
    `two implementations of Fernet disagree about ${about}`,
    {
      where,
      hint: "nothing was written; please report this with the versions of Node and proxmox-mcp",
    },
  );
}
