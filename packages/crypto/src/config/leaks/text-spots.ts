/** Secrets in a text of any kind: API tokens of Proxmox VE, and values beside names that tell of one. */
import { literalsOf } from "../../placeholder.ts";
import { holdsPveToken, isHarmless, isHighEntropy, isUuid, toldBy } from "../../secret-looking.ts";
import { snakeCase } from "../../select.ts";
import { TELLING_NAMES } from "../rules.ts";
import { type Assignment, assignmentsOf } from "./assignments.ts";
import { entriesOf } from "./entries.ts";
import { keySpots } from "./key-spots.ts";
import type { Spot } from "./leak.ts";
import { isNoSecret, isRegular } from "./regular.ts";

const UUID = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}";
// Behind the name of its user, for which every word of a text would have to be looked at.
const PVE_TOKEN = new RegExp(`@[^\\s@!=]{1,64}![^\\s@!=]{1,128}=(${UUID})(?![\\w-])`, "g");
const PVE_USER = /[^\s@!=:"'`]{1,64}$/;
// As in `--token-secret UUID`, `| token_value | UUID |` and `token_value is UUID`.
const BESIDE = new RegExp(
  `((?:token|secret|passw|api[-_ ]?key|credential)[\\w-]{0,40})[^\\w\\n]{0,12}(?:\\bis[ \\t]{1,4})?\\s{0,40}["'\`]?(?<![\\w-])(${UUID})(?![\\w-])`,
  "gi",
);
const BEARER = /\bbearer[ \t]{1,4}([\w.~+/=-]{16,512})/gi;
// In these a value without quotes is a name or a piece of code.
const CODE =
  /\.(?:[cm]?[jt]sx?|py|pyi|go|rs|java|kts?|scala|groovy|gradle|c|cc|cpp|h|hpp|cs|fs|php|rb|pl|pm|lua|swift|dart|ex|exs|erl|hs|clj|vue|svelte|sql|r|jl|zig|nim|html?|css|scss)$/i;
const PROSE = /\.(?:md|mdx|markdown|rst|adoc|txt|tex|log|csv|tsv|diff|patch|xml|svg)$/i;
const LEAST_LENGTH = 8;
// A word of a name, with a number behind it at most: `sha256`, `v2`, `oauth2Token`.
const WORD =
  /^(?:[A-Za-z]{0,40}|\d{1,4}|v\d{1,4}|(?:[a-z]{2,40}|[A-Z]{2,40})\d{1,4}|[A-Z]?[a-z]{1,40}\d[A-Za-z]{0,40})$/;
// The letters of a regular expression.
const PATTERN = /a-z|A-Z|0-9|\\[wdsb]/;

/**
 * The secrets of a text, in no order.
 *
 * @param path of its file, by whose ending a value without quotes is judged.
 */
export function* textSpots(text: string, path: string): Generator<Spot> {
  for (const { 0: whole, 1: secret = "", index } of text.matchAll(PVE_TOKEN)) {
    const [user] = PVE_USER.exec(text.slice(Math.max(0, index - 64), index)) ?? [];
    if (user === undefined || isRegular(secret)) continue;
    const end = index + whole.length;
    yield { kind: "pve-token", name: undefined, start: index - user.length, end };
  }
  yield* keySpots(text);
  yield* besideNames(assignmentsOf(text, isTelling), path);
  yield* besideNames(entriesOf(text, isTelling), path);
  for (const { 0: whole, 1: name = "", 2: value = "", index } of text.matchAll(BESIDE)) {
    if (isRegular(value) || !isTelling(name)) continue;
    const end = index + whole.length;
    yield { kind: "secret-looking", name: shown(name), start: end - value.length, end };
  }
  for (const { 0: whole, 1: value = "", index } of text.matchAll(BEARER)) {
    if (
      isNoSecret(value) ||
      isNames(value) ||
      isWord(value) ||
      !(isUuid(value) || isHighEntropy(value))
    )
      continue;
    const end = index + whole.length;
    yield { kind: "secret-looking", name: "Bearer", start: end - value.length, end };
  }
}

function* besideNames(assignments: Iterable<Assignment>, path: string): Generator<Spot> {
  for (const assignment of assignments) {
    if (!isShown(assignment, path)) continue;
    const { name, value, start } = assignment;
    yield { kind: "secret-looking", name: shown(name), start, end: start + value.length };
  }
}

// What is no plain word may be a part of the secret, where a text holds one in a way of its own.
function shown(name: string): string | undefined {
  return /^[A-Za-z_ -]{1,60}\d{0,2}$/.test(name) ? name : undefined;
}

function isTelling(name: string): boolean {
  return toldBy(snakeCase(name.replace(" ", "_")), TELLING_NAMES) !== "nothing";
}

function isShown(assignment: Assignment, path: string): boolean {
  const { value, isQuoted } = assignment;
  // Behind what looks like an opening quote, and closes a text, code goes on.
  if (CODE.test(path) && (!isQuoted || /^[),;\]}+]/.test(value))) return false;
  return literalsOf(value).some((text) => isSecretText(assignment, text, path));
}

function isSecretText({ name, isQuoted }: Assignment, text: string, path: string): boolean {
  if (isNoSecret(text) || isHarmless(text) || holdsPveToken(text)) return false;
  if (isUuid(text)) return true;
  if (/\s/.test(text) || isNames(text) || PATTERN.test(text)) return false;
  // Names such as `password` stand beside words and code in every text but a config.
  const isSure = toldBy(snakeCase(name), TELLING_NAMES) === "a secret";
  if (isSure && (isQuoted || !PROSE.test(path)) && isMadeUp(text)) return true;
  return !isWord(text) && isHighEntropy(text);
}

function isMadeUp(text: string): boolean {
  return text.length >= LEAST_LENGTH && /[a-z]/i.test(text) && /\d/.test(text);
}

/** Whether a text is words with signs between them, as names and identifiers are. */
function isNames(text: string): boolean {
  const parts = text.split(/[-_.:/@]/);
  return parts.length > 1 && parts.every((part) => WORD.test(part));
}

/** Whether a text is one word, with a number in it at most. So are weak passwords. */
function isWord(text: string): boolean {
  return /^[A-Za-z]*\d?[A-Za-z]*$/.test(text);
}
