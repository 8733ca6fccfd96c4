/**
 * Rotation of one document: which tokens it holds and what opens them, then the same document with
 * every one of them sealed anew. Every token counts, whatever its field is called.
 */
import { inBatches } from "./batches.ts";
import type { Document, Value } from "./document/document.ts";
import type { Where } from "./errors.ts";
import { type CheckedField, fieldOf, lookalikeFields, tryValue, whereOf } from "./field.ts";
import { findTokens } from "./find-tokens.ts";
import { type Plan, sealingPlan, withOthers } from "./finish-plan.ts";
import { ambiguityOf } from "./named-field.ts";
import type { Opener, Sealer } from "./secret.ts";
import { type SecretRules, selectSecrets } from "./select.ts";
import { isPlain, isTokenLike, stateOf } from "./token.ts";

/** What a document holds that a rotation must know of. */
export interface TokenSurvey {
  /**
   * Every value that is a token or claims to be one, in the order of the text. The `problem` of a
   * token that opens is AMBIGUOUS: it must not be replaced.
   */
  readonly tokens: readonly CheckedField[];
  /**
   * Where further tokens stand, in the order of the text: in comments, in keys, or inside of a longer
   * text, which then has a `location`. They are not rotated.
   */
  readonly strays: readonly Where[];
  /**
   * How many secrets stand in plain sight, by the rules or by their looks; master keys and what is no
   * string count, too. A text with one of them must not be copied to a backup. Comments are not judged.
   */
  readonly plainSecrets: number;
}

/**
 * Looks at every token of a document and tries to open it. Never throws for a bad token: its field
 * carries the problem.
 */
export async function surveyTokens(
  document: Document,
  { rules, opener }: { readonly rules: SecretRules; readonly opener: Opener },
): Promise<TokenSurvey> {
  const { secrets, lookalikes, masterKeys } = selectSecrets(document, rules);
  const plain = secrets.filter(isInPlainSight);
  return {
    tokens: await inBatches(tokensOf(document), (value) => checkToken(document, value, opener)),
    strays: straysOf(document),
    plainSecrets: plain.length + lookalikes.length + masterKeys.length,
  };
}

/** What `planRotation` needs. */
export interface RotationOptions {
  readonly rules: SecretRules;
  /** Opens the tokens that are there: with the old keys, and with the new one. */
  readonly opener: Opener;
  /** Seals them anew; what it sealed is verified with its key alone. */
  readonly sealer: Sealer;
}

/**
 * Plans to seal every token of a document anew, each for the place where it stands. Legacy and unbound
 * tokens come out in the sealer's form; `changed` tells them by their old state. A token that was
 * moved to another field is never bound to it.
 *
 * Tokens in comments, in keys and inside of longer texts stay as they are, and need the old key still:
 * `surveyTokens` tells of them.
 *
 * @throws ProxmoxMcpError as `Opener.open`, or AMBIGUOUS, with the place of the first bad token and the
 * count of the others.
 */
export async function planRotation(document: Document, options: RotationOptions): Promise<Plan> {
  const { rules, opener, sealer } = options;
  const tokens = tokensOf(document);
  const tried = await inBatches(tokens, (value) => tryToken(document, value, opener));
  const failures = tried.flatMap(({ problem }) => problem ?? []);
  if (failures.length > 0) throw withOthers(failures);
  const plaintexts = new Map<Value, string>();
  for (const [index, value] of tokens.entries()) {
    const opened = tried[index]?.opened;
    if (opened !== undefined) plaintexts.set(value, opened.plaintext);
  }
  return sealingPlan(document, sealer, plaintexts, () => {
    const selection = selectSecrets(document, rules);
    return {
      kept: selection.secrets.filter((value) => !plaintexts.has(value)),
      lookalikes: lookalikeFields(document, selection),
    };
  });
}

function tokensOf(document: Document): readonly Value[] {
  return document.values.filter(({ kind, text }) => kind === "string" && isTokenLike(text));
}

async function checkToken(document: Document, value: Value, opener: Opener): Promise<CheckedField> {
  return { ...fieldOf(document, value), ...(await tryToken(document, value, opener)) };
}

async function tryToken(
  document: Document,
  value: Value,
  opener: Opener,
): Promise<Pick<CheckedField, "opened" | "problem">> {
  const { opened, problem } = await tryValue(document, value, opener);
  return { opened, problem: problem ?? ambiguityOf(document, value) };
}

function isInPlainSight({ kind, text }: Value): boolean {
  return kind !== "string" || (!isTokenLike(text) && isPlain(stateOf(text)));
}

function straysOf(document: Document): readonly Where[] {
  const strays: { readonly at: number; readonly where: Where }[] = [];
  const strings = document.values.filter(({ kind }) => kind === "string");
  for (const value of strings) {
    if (!isTokenLike(value.text) && holdsToken(value.text)) {
      strays.push({ at: value.start, where: whereOf(document, value) });
    }
  }
  for (const [start, end] of rangesOutside(strings, document.text.length)) {
    for (const found of findTokens(document.text.slice(start, end))) {
      const at = start + found.start;
      strays.push({ at, where: document.place(at) });
    }
  }
  return strays.sort((one, other) => one.at - other.at).map(({ where }) => where);
}

function holdsToken(text: string): boolean {
  return findTokens(text).next().done !== true;
}

/** The ranges of a text that no value covers. What a YAML alias stands for is listed at the alias. */
function* rangesOutside(
  values: readonly Value[],
  length: number,
): Generator<readonly [start: number, end: number]> {
  let position = 0;
  for (const { start, end } of [...values].sort((one, other) => one.start - other.start)) {
    if (start > position) yield [position, start];
    position = Math.max(position, end);
  }
  if (position < length) yield [position, length];
}
