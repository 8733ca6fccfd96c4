/** The secrets of a document as fields: where each stands, what state it is in, which key opens it. */
import { inBatches } from "./batches.ts";
import type { Document, Value } from "./document/document.ts";
import { ProxmoxMcpError, type Where } from "./errors.ts";
import { claimedTime, type OpenedValue, type Opener } from "./secret.ts";
import { type SecretRules, type Selection, selectSecrets } from "./select.ts";
import { isTokenLike, lookInto, type Token, type ValueState } from "./token.ts";

/** A secret of a document, seen without any key. */
export interface SecretField {
  /** A JSON Pointer, or `env:NAME`. */
  readonly location: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /**
   * `not-a-string` is a number, a boolean, a list or a map where a rule expects a secret,
   * `master-key` a plain master key, which is never sealed.
   */
  readonly state: ValueState | "not-a-string" | "master-key";
  /** When the value was sealed, as its token claims; tokens only. */
  readonly claimedAt: Date | undefined;
}

/** A token of a document, seen with keys. */
export interface CheckedField extends SecretField {
  /** `undefined` for a field that holds no token. */
  readonly opened: OpenedValue | undefined;
  /** Why a token could not be opened, or may not be replaced where that is wanted. */
  readonly problem: ProxmoxMcpError | undefined;
}

/** The secrets of a document, and the values that look like some. */
export interface SecretList<Field extends SecretField = SecretField> {
  readonly secrets: readonly Field[];
  /** Master keys among them, told by their state. */
  readonly lookalikes: readonly SecretField[];
}

/** Lists the secrets of a document. Needs no key. */
export function listSecrets(document: Document, rules: SecretRules): SecretList {
  const selection = selectSecrets(document, rules);
  return {
    secrets: selection.secrets.map((value) => fieldOf(document, value)),
    lookalikes: lookalikeFields(document, selection),
  };
}

/**
 * Lists the secrets of a document and tries to open every token. Never throws for a bad token: the
 * field carries the problem.
 */
export async function checkSecrets(
  document: Document,
  rules: SecretRules,
  opener: Opener,
): Promise<SecretList<CheckedField>> {
  const selection = selectSecrets(document, rules);
  return {
    secrets: await inBatches(selection.secrets, (value) => checkValue(document, value, opener)),
    lookalikes: lookalikeFields(document, selection),
  };
}

/** The values that stay plain and are worth a word. Master keys come last. */
export function lookalikeFields(
  document: Document,
  { lookalikes, masterKeys }: Pick<Selection, "lookalikes" | "masterKeys">,
): readonly SecretField[] {
  return [
    ...lookalikes.map((value) => fieldOf(document, value)),
    ...masterKeys.map((value) => ({ ...fieldOf(document, value), state: "master-key" as const })),
  ];
}

/** The field that a value is. */
export function fieldOf(document: Document, value: Value): SecretField {
  const { location, kind, text } = value;
  const { line, column } = document.place(value.start);
  if (kind !== "string") {
    return { location, line, column, state: "not-a-string", claimedAt: undefined };
  }
  const { state, token } = lookInto(text);
  return { location, line, column, state, claimedAt: token && claimOf(token) };
}

/** Where a value is, for an error. */
export function whereOf(document: Document, value: Value): Where {
  return { location: value.location, ...document.place(value.start) };
}

/**
 * Opens a token of a document.
 *
 * @param sealedFor the location that it was sealed for, where its field was renamed since.
 * @throws ProxmoxMcpError as `Opener.open`, with the place; for a moved token it says which field of
 * the same document it was sealed for, where there is one.
 */
export async function openValue(
  document: Document,
  value: Value,
  opener: Opener,
  sealedFor: string = value.location,
): Promise<OpenedValue> {
  try {
    return await opener.open(value.text, sealedFor);
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    const where = whereOf(document, value);
    if (error.code !== "TOKEN_MISPLACED") throw error.at(where);
    const home = await opener.homeOf(value.text, locationsOf(document));
    if (home === undefined) throw error.at(where);
    throw new ProxmoxMcpError(
      error.code,
      `Token decryption failed: sealed for ${home}, found at ${value.location}`,
      {
        where,
        hint: `put it back, or repair an honest rename with \`proxmox-mcp-encrypt encrypt FILE --in-place --rebind ${home}=${value.location}\``,
      },
    );
  }
}

/** The field that a value is, opened where it holds a token. Never throws for a bad one. */
export async function checkValue(
  document: Document,
  value: Value,
  opener: Opener,
): Promise<CheckedField> {
  return { ...fieldOf(document, value), ...(await tryValue(document, value, opener)) };
}

/** What came of opening a value, without its place. Never throws for a bad token. */
export async function tryValue(
  document: Document,
  value: Value,
  opener: Opener,
): Promise<Pick<CheckedField, "opened" | "problem">> {
  if (!isTokenLike(value.text)) return { opened: undefined, problem: undefined };
  try {
    return { opened: await openValue(document, value, opener), problem: undefined };
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return { opened: undefined, problem: error };
    throw error;
  }
}

function* locationsOf(document: Document): Generator<string> {
  for (const value of document.values) {
    if (value.kind === "string") yield value.location;
  }
}

function claimOf(token: Token): Date | undefined {
  const time = claimedTime(token);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
