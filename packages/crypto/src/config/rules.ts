/** Which fields are secret in which kind of document. The only rules that know this product. */
import type { Document } from "../document/document.ts";
import { type SecretRules, wildcard } from "../select.ts";

// Whole words: a `webmaster_key` is a secret like others.
const MASTER_KEYS: readonly string[] = [
  "master_key",
  "*_master_key",
  "master_key_*",
  "*_master_key_*",
];
// They lead to a master key and hold none.
const LEADS_TO_KEY = ["file", "command", "env"].flatMap((end) =>
  MASTER_KEYS.map((name) => `${name}_${end}`),
);
// The seal is reserved for whole documents. Sealing a master key with itself would lock it in.
const FORBIDDEN: Pick<SecretRules, "never" | "masterKeys"> = {
  never: ["proxmox_mcp_seal", ...LEADS_TO_KEY],
  masterKeys: MASTER_KEYS,
};

/** Names in snake_case that say that a secret stands under them. */
export const TELLING_NAMES: readonly string[] = [
  "token_value",
  "token_secret",
  "password",
  "passphrase",
  "secret",
  "client_secret",
  "api_key",
  "apikey",
  "private_key",
  "access_token",
];

/** The secrets of the server's config. Collections are maps by name, so that no position matters. */
export const SERVER_CONFIG_RULES: SecretRules = {
  locations: [
    "/auth/token_value",
    "/auth/password",
    "/auth/token_secret",
    "/proxmox/password",
    "/proxmox/token_secret",
    "/servers/*/token_value",
    "/servers/*/token_secret",
    "/servers/*/password",
    "/default_servers/*/token_value",
    "/default_servers/*/token_secret",
    "/default_servers/*/password",
    "/http/api_keys/*",
  ],
  names: [],
  telling: TELLING_NAMES,
  ...FORBIDDEN,
};

/** The secrets of a .env file. */
export const DOTENV_RULES: SecretRules = {
  locations: [
    "env:MCPO_API_KEY",
    "env:PROXMOX_TOKEN_VALUE",
    "env:PROXMOX_TOKEN_SECRET",
    "env:PROXMOX_PASSWORD",
    "env:PROXMOX_*_TOKEN_SECRET",
    "env:PROXMOX_*_PASSWORD",
  ],
  names: [],
  telling: TELLING_NAMES,
  ...FORBIDDEN,
};

/** The secrets of any other JSON or YAML: names that say what they hold. */
export const GENERIC_RULES: SecretRules = {
  locations: [],
  names: TELLING_NAMES,
  telling: [],
  ...FORBIDDEN,
};

const SERVER_SECTIONS: ReadonlySet<string> = new Set([
  "/proxmox",
  "/auth",
  "/servers",
  "/default_servers",
  "/http/api_keys",
]);
const SERVER_SECRETS = SERVER_CONFIG_RULES.locations.map(wildcard);

/** The rules for a document, chosen by its format and by the sections at its root. */
export function secretRulesFor(document: Document): SecretRules {
  if (document.format === "dotenv") return DOTENV_RULES;
  return isServerConfig(document) ? SERVER_CONFIG_RULES : GENERIC_RULES;
}

/** Whether a field of the server's config is secret: such fields, and no others, are decrypted. */
export function isSecretField(location: string): boolean {
  return SERVER_SECRETS.some((fits) => fits(location));
}

function isServerConfig(document: Document): boolean {
  return document.values.some(
    ({ kind, location }) => kind === "map" && SERVER_SECTIONS.has(location),
  );
}
