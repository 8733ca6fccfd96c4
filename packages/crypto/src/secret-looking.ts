/** What looks like a secret, by its name and its text. The one notion of that; knows no rules. */
import { defaultsOf, hasPlaceholder } from "./placeholder.ts";
import { isStandIn } from "./stand-in.ts";

// One character of the user is enough: with more, a long text without an "@" takes quadratic time.
const PVE_TOKEN = /[^\s@!=]@[^\s@!=]+![^\s@!=]+=[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const TELLING = /token|secret|passw|passphrase|api_?key|private_?key|access_?key|credential/;
const HARMLESS =
  /_(?:id|ids|name|file|path|dir|url|uri|env|type|storage|header|ttl|expiry|endpoint|issuer|policy|hint|note|algorithm|fingerprint|prefix|ref|class)$/;
// Addresses and file names have the entropy of a secret and are none: URLs without a user or a
// query, paths, PVE token ids.
const ADDRESS =
  /^(?:[a-z][a-z\d+.-]*:\/\/[^@?]*|(?:~|\.{1,2}|[a-z]:)[/\\].*|\/(?:[\w.-]+\/)+[\w.-]*|[^\s@!=]+@[^\s@!=]+![^\s@!=]+)$/i;
const SWITCH = /^(?:true|false|yes|no|on|off|none|null|[01])?$/i;
const FILE_NAME =
  /\.(?:json|ya?ml|toml|ini|conf|cfg|env|txt|pem|key|crt|cer|p12|pfx|jks|gpg|asc|pub|sock)$/i;
// Words of people repeat letters; 16 random characters of hex have about 3.3 bits each.
const LEAST_ENTROPY = 3;
const LEAST_LENGTH = 16;

/** A name and the text that stands under it. */
export interface NamedText {
  /** In snake_case. */
  readonly name: string;
  readonly text: string;
}

/**
 * What a name in snake_case tells of the text under it: a secret for sure, whatever it looks like
 * (`password`), perhaps one (`token_remark`), or nothing.
 *
 * @param telling names of the first kind, alone or as the last words of a longer name.
 */
export function toldBy(
  name: string,
  telling: readonly string[],
): "a secret" | "perhaps" | "nothing" {
  if (telling.some((word) => name === word || name.endsWith(`_${word}`))) return "a secret";
  return TELLING.test(name) && !HARMLESS.test(name) ? "perhaps" : "nothing";
}

/** Whether a plain text looks like a secret, or a default of its placeholders, where it has some. */
export function looksSecret(value: NamedText, telling: readonly string[]): boolean {
  if (!hasPlaceholder(value.text)) return isSecretText(value, telling);
  // `changeme` as a default is there to be replaced.
  return defaultsOf(value.text).some(
    (text) => !isStandIn(text) && isSecretText({ ...value, text }, telling),
  );
}

function isSecretText({ name, text }: NamedText, telling: readonly string[]): boolean {
  if (holdsPveToken(text)) return true;
  switch (toldBy(name, telling)) {
    case "a secret":
      return !isHarmless(text);
    case "perhaps":
      return isUuid(text) || isHighEntropy(text);
    case "nothing":
      return false;
  }
}

/** Whether a text holds an API token of Proxmox VE, `USER@REALM!TOKENID=UUID`. */
export function holdsPveToken(text: string): boolean {
  return PVE_TOKEN.test(text);
}

/** Whether a text is a UUID, as the secret of an API token of Proxmox VE is. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Whether a text under a telling name is a switch, an address or a file name. */
export function isHarmless(text: string): boolean {
  return SWITCH.test(text.trim()) || ADDRESS.test(text) || FILE_NAME.test(text);
}

/** Whether a text has the length, the kinds of characters and the spread of a random one. */
export function isHighEntropy(text: string): boolean {
  if (text.length < LEAST_LENGTH || /\s/.test(text)) return false;
  if (ADDRESS.test(text) || FILE_NAME.test(text)) return false;
  if (!(/[a-z]/i.test(text) && /\d/.test(text))) return false;
  return entropy(text) >= LEAST_ENTROPY;
}

/** Shannon entropy in bits a character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / text.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}
