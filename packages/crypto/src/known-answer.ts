/**
 * A known answer, asked for before the first secret: the bound token that docs/token-format.md makes
 * step by step.
 */
import { bindingIv, bindsTo } from "./binding.ts";
import { ProxmoxMcpError } from "./errors.ts";
import { decryptFernet, type FernetToken, sealFernet, verifyFernet } from "./fernet.ts";

const PLAINTEXT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
const BINDING = {
  location: "/auth/token_value",
  timestamp: 1_700_396_634n,
  plaintext: Buffer.from(PLAINTEXT, "utf8"),
};
const NONCE = Buffer.from("fb33b020c29b7e80", "hex");
// It covers all that comes before it, so that its bytes vouch for those of the whole token.
const MAC = "7f5fbafabf695ccfbb3e5afd77a822d7f53c9967078675274920530b88e22cdd";

/** The example's 32-byte derived key. */
export const KNOWN_KEY: Buffer = Buffer.from(
  "ba22a8380249cc318dc93f481f84cf75e5101278cac0c8703bff7c294e6c802b",
  "hex",
);

/** The example, sealed by this process. */
export interface KnownAnswer {
  readonly token: FernetToken;
  readonly plaintext: string;
}

let answer: KnownAnswer | undefined;

/**
 * Seals the example and opens it again, once in a process.
 *
 * What is used for the first time has to be loaded and compiled. Called while a key is derived on
 * another thread, this does so at a time when there is nothing else to do.
 *
 * @throws ProxmoxMcpError UNEXPECTED where the cryptography of this machine answers otherwise.
 */
export function askKnownAnswer(): KnownAnswer {
  if (answer !== undefined) return answer;
  const iv = bindingIv({ nonce: NONCE, ...BINDING }, KNOWN_KEY);
  const token = sealFernet({ ...BINDING, iv }, KNOWN_KEY);
  const isKnown = token.bytes.subarray(-MAC.length / 2).toString("hex") === MAC;
  const isOpened =
    verifyFernet(token, KNOWN_KEY) &&
    decryptFernet(token, KNOWN_KEY)?.equals(BINDING.plaintext) === true &&
    bindsTo(token.iv, BINDING, KNOWN_KEY);
  if (!isKnown || !isOpened) {
    throw new ProxmoxMcpError(
      "UNEXPECTED",
      "the cryptography of this machine gives a wrong answer to a known question",
      {
        hint: "nothing was written; find out which OpenSSL this Node uses: node -p process.versions",
      },
    );
  }
  answer = { token, plaintext: PLAINTEXT };
  return answer;
}
