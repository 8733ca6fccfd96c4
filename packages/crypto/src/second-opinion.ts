/**
 * The second opinion: before a file is replaced, each new token is opened by npm `fernet`, an
 * implementation that shares no code with ours. It only checks. It never decides what we accept,
 * because it decodes base64 loosely; and it is loaded by writing commands alone, because it costs
 * start-up time and extends `String.prototype`.
 */
import { encodeBase64Url } from "./encoding.ts";
import { ProxmoxMcpError } from "./errors.ts";
import { printFernet } from "./fernet.ts";
import { parseToken } from "./token.ts";

/** Confirms that a new token opens to what was sealed. */
export type SecondOpinion = (token: string, plaintext: string, location: string) => void;

/**
 * Loads the other implementation.
 *
 * @param derivedKey the 32-byte Fernet key of the run; loading goes on while it is derived.
 * @returns a function that throws ProxmoxMcpError UNEXPECTED where the two disagree.
 */
export async function createSecondOpinion(derivedKey: Promise<Uint8Array>): Promise<SecondOpinion> {
  const [{ default: fernet }, key] = await Promise.all([import("fernet"), derivedKey]);
  const secret = new fernet.Secret(encodeBase64Url(key));
  return (token, plaintext, location) => {
    const text = printFernet(parseToken(token).fernet);
    if (decode(() => new fernet.Token({ secret, token: text, ttl: 0 }).decode()) !== plaintext) {
      throw new ProxmoxMcpError(
        "UNEXPECTED",
        "two implementations of Fernet disagree about a new token",
        {
          where: { location },
          hint: "nothing was written; please report this with the versions of Node and proxmox-mcp",
        },
      );
    }
  };
}

function decode(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
