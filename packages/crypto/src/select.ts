/** Which values of a document are secret, by a set of rules. Knows no product. */
import type { Document, Value } from "./document/document.ts";
import { looksSecret } from "./secret-looking.ts";
import { isPlain, isTokenLike, stateOf } from "./token.ts";

/** What makes a value a secret. */
export interface SecretRules {
  /**
   * JSON Pointers in which `*` stands for one whole segment, or `env:NAME` in which `*` stands for
   * any run of characters.
   */
  readonly locations: readonly string[];
  /** Names in snake_case; names of values are compared in snake_case whatever their own style. */
  readonly names: readonly string[];
  /**
   * Names in snake_case that tell of a secret that no rule covers, alone or as the last words of a
   * longer name.
   */
  readonly telling: readonly string[];
  /** Names in snake_case, `*` for any run of characters, that are never secrets whatever else says so. */
  readonly never: readonly string[];
  /** As `never`, for master keys: a plain value of such a name is worth a word. */
  readonly masterKeys: readonly string[];
}

/** What a document holds, seen by the rules. */
export interface Selection {
  /**
   * Values that a rule names, and every token but in fields that the rules never seal. A value that a
   * location names may be of any kind but null, one that a name names a string, a number or a list that
   * begins with a string; strings are never empty.
   */
  readonly secrets: readonly Value[];
  /** Plain strings, and placeholders with a default, that look like secrets and that no rule names. */
  readonly lookalikes: readonly Value[];
  /** Plain master keys, which are never sealed. */
  readonly masterKeys: readonly Value[];
}

/** Selects the secrets of a document. */
export function selectSecrets(document: Document, rules: SecretRules): Selection {
  const match = secretMatcher(rules);
  const secrets: Value[] = [];
  const lookalikes: Value[] = [];
  const masterKeys: Value[] = [];
  for (const [index, value] of document.values.entries()) {
    if (value.kind === "null" || (value.kind === "string" && value.text === "")) continue;
    const verdict = match(value, document.values[index + 1]);
    if (verdict === "never") continue;
    if (verdict === "master-key") {
      if (value.kind === "string" && isPlain(stateOf(value.text))) masterKeys.push(value);
    } else if (verdict === "secret" || isTokenLike(value.text)) secrets.push(value);
    else if (value.kind === "string" && isLookalike(value, rules)) lookalikes.push(value);
  }
  return { secrets, lookalikes, masterKeys };
}

function isLookalike({ name, text }: Value, { telling }: SecretRules): boolean {
  return looksSecret({ name: snakeCase(name), text }, telling);
}

/** What the rules say of the place where a value stands; all but `secret` and `unnamed` forbid. */
export type Verdict = "secret" | "never" | "master-key" | "unnamed";

/**
 * Compiles rules into a function. Location rules hold for any value, name rules for what may hold a
 * secret by mistake, too: a number, or a list whose first item, the value after it, is a string.
 */
export function secretMatcher(rules: SecretRules): (value: Value, next?: Value) => Verdict {
  const locations = rules.locations.map(wildcard);
  const names = new Set(rules.names);
  const never = rules.never.map(wildcard);
  const masterKeys = rules.masterKeys.map(wildcard);
  const verdictOf = (name: string): Verdict => {
    const snake = snakeCase(name);
    if (never.some((fits) => fits(snake))) return "never";
    if (masterKeys.some((fits) => fits(snake))) return "master-key";
    return names.has(snake) ? "secret" : "unnamed";
  };
  // The same few names come again and again.
  const known = new Map<string, Verdict>();
  return (value, next) => {
    const verdict = known.get(value.name) ?? verdictOf(value.name);
    known.set(value.name, verdict);
    if (verdict === "never" || verdict === "master-key") return verdict;
    const named = verdict === "secret" && mayHoldSecret(value, next);
    return named || locations.some((fits) => fits(value.location)) ? "secret" : "unnamed";
  };
}

// JSON schemas have maps of these names, and forms have switches.
function mayHoldSecret({ kind, location }: Value, next: Value | undefined): boolean {
  if (kind === "list") return next?.kind === "string" && next.location === `${location}/0`;
  return kind === "string" || kind === "number";
}

/**
 * Compiles a rule: in a JSON Pointer `*` is any run of characters within a segment, else any run at
 * all. Looks at each character once, however many `*` there are, as a regular expression would not.
 */
export function wildcard(rule: string): (text: string) => boolean {
  const [prefix = ""] = rule.split("*", 1);
  const separator = rule.startsWith("/") ? "/" : undefined;
  const globs = (separator === undefined ? [rule] : rule.split(separator)).map(glob);
  return (text) => {
    if (!text.startsWith(prefix)) return false;
    const parts = separator === undefined ? [text] : text.split(separator);
    return parts.length === globs.length && globs.every((fits, index) => fits(parts[index] ?? ""));
  };
}

function glob(pattern: string): (text: string) => boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    const end = text.length - last.length;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let position = first.length;
    for (const piece of rest) {
      const found = text.indexOf(piece, position);
      if (found < 0) return false;
      position = found + piece.length;
    }
    return position <= end;
  };
}

/** Turns `tokenValue`, `token-value` and `TOKEN_VALUE` into `token_value`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase();
}
