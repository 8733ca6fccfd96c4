/** Opening the secret fields of a config, after expansion. */
import type { Document } from "../document/document.ts";
import { ProxmoxMcpError } from "../errors.ts";
import type { OpenedValue, Opener } from "../secret.ts";
import { isTokenLike, parseToken, stateOf, type ValueState } from "../token.ts";
import type { TextField } from "./field.ts";
import type { ConfigWarning } from "./warning.ts";

/** A secret of the config as it was found. */
export interface ConfigSecret {
  readonly location: string;
  /**
   * What the field holds: `placeholder` is plain text from the environment, `plain-default` the
   * default of a placeholder in use, `plain` a text in the file, all else a token.
   */
  readonly state: ValueState;
  /** The variable that the whole value came from. */
  readonly variable?: string;
  /** Whether it is a token that was opened. */
  readonly opened: boolean;
  /** The id of the key that opened it. */
  readonly keyId?: string;
  /** When it was sealed. */
  readonly sealedAt?: Date;
}

/** What opening one secret field gives. */
export interface SecretOutcome {
  readonly secret: ConfigSecret;
  /** `undefined` where there is a problem. */
  readonly plaintext: string | undefined;
  readonly problems: readonly ProxmoxMcpError[];
  readonly warnings: readonly ConfigWarning[];
}

/** How secret fields are opened. */
export interface OpeningOptions {
  readonly document: Document;
  /** The opener, or why there is none. */
  readonly opener: Opener | ProxmoxMcpError;
  /** Refuse everything but bound tokens. */
  readonly requireBound: boolean;
}

/** Opens one secret field whose expansion had no problem. */
export async function openSecret(
  field: TextField,
  options: OpeningOptions,
): Promise<SecretOutcome> {
  const { location } = field.value;
  const outcome = isTokenLike(field.expansion.text)
    ? await openToken(field, options)
    : takePlain(field, options);
  if (outcome.plaintext === undefined) return outcome;
  const plaintext = location.endsWith("/token_value")
    ? outcome.plaintext.trim()
    : outcome.plaintext;
  // They go into headers and forms of requests, where a line break ends what they say.
  if (location.startsWith("/auth/") && /\p{Cc}/u.test(plaintext)) {
    return { ...outcome, plaintext: undefined, problems: [controlCharacter(field)] };
  }
  return { ...outcome, plaintext };
}

function takePlain(field: TextField, { requireBound }: OpeningOptions): SecretOutcome {
  const { text, defaulted, variables } = field.expansion;
  const fromEnvironment = variables.length > 0 && !defaulted;
  const state = defaulted ? "plain-default" : fromEnvironment ? "placeholder" : "plain";
  const secret = secretOf(field, state);
  if (requireBound) return failed(secret, notBound(field, "plain text"));
  const warnings = fromEnvironment ? [] : [plainWarning(field)];
  return { secret, plaintext: text, problems: [], warnings };
}

async function openToken(field: TextField, options: OpeningOptions): Promise<SecretOutcome> {
  const { opener, requireBound } = options;
  const { text } = field.expansion;
  const secret = secretOf(field, stateOf(text));
  try {
    const { form } = parseToken(text);
    if (requireBound && form !== "bound") return failed(secret, notBound(field, `a ${form} token`));
    if (opener instanceof ProxmoxMcpError) return failed(secret, opener);
    const opened = await openAt(field, options, opener);
    if (isTokenLike(opened.plaintext)) return failed(secret, sealedTwice(field));
    if (opened.plaintext.trim() === "") return failed(secret, blank(field));
    const { keyId, sealedAt } = opened;
    return {
      secret: { ...secret, opened: true, ...(keyId === undefined ? {} : { keyId }), sealedAt },
      plaintext: opened.plaintext,
      problems: [],
      warnings: [],
    };
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return failed(secret, error.at(field.where));
    throw error;
  }
}

async function openAt(
  field: TextField,
  { document }: OpeningOptions,
  opener: Opener,
): Promise<OpenedValue> {
  const { text, wholly } = field.expansion;
  const { location } = field.value;
  const alternatives = wholly === undefined ? [] : [`env:${wholly}`];
  try {
    return await opener.open(text, location, ...alternatives);
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError) || error.code !== "TOKEN_MISPLACED") throw error;
    const candidates = document.values.map((value) => value.location);
    const home = await opener.homeOf(text, candidates);
    throw home === undefined ? error : movedFrom(home, location);
  }
}

function secretOf(field: TextField, state: ValueState): ConfigSecret {
  const { wholly } = field.expansion;
  const { location } = field.value;
  return { location, state, opened: false, ...(wholly === undefined ? {} : { variable: wholly }) };
}

function failed(secret: ConfigSecret, problem: ProxmoxMcpError): SecretOutcome {
  return { secret, plaintext: undefined, problems: [problem], warnings: [] };
}

function movedFrom(home: string, location: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "TOKEN_MISPLACED",
    `Token decryption failed: sealed for ${home}, found at ${location}`,
    {
      hint:
        "put it back, or repair an honest rename with " +
        `\`proxmox-mcp-encrypt encrypt FILE --in-place --rebind ${home}=${location}\``,
    },
  );
}

function controlCharacter(field: TextField): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "SCHEMA",
    "the secret holds a line break or another control character",
    { where: field.where, hint: sealingHint(field) },
  );
}

function notBound(field: TextField, found: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "TOKEN_NOT_BOUND",
    `PROXMOX_MCP_REQUIRE_BOUND wants a bound token, and this is ${found}`,
    { where: field.where, hint: sealingHint(field) },
  );
}

function sealedTwice(field: TextField): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "TOKEN_MALFORMED",
    "Invalid encrypted token format: it opens to another encrypted value",
    { where: field.where, hint: sealingHint(field) },
  );
}

function blank(field: TextField): ProxmoxMcpError {
  return new ProxmoxMcpError("SCHEMA", "the encrypted value is empty", {
    where: field.where,
    hint: sealingHint(field),
  });
}

function plainWarning(field: TextField): ConfigWarning {
  const { defaulted } = field.expansion;
  return {
    code: defaulted ? "PLAIN_DEFAULT" : "PLAIN_SECRET",
    message: defaulted
      ? "the default of the placeholder is a secret in plain text, and in use"
      : "the secret is plain text",
    where: field.where,
    hint: sealingHint(field),
  };
}

function sealingHint({ where }: TextField): string {
  const { file = "FILE", location } = where;
  return `seal it with \`proxmox-mcp-encrypt set ${file} ${location}\``;
}
