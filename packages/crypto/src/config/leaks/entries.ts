/**
 * Names and values that stand beside each other, each behind a word of its own: `name: TOKEN` with
 * `value: …`, in any order, `key="token" value="…"`, and `variable "token" { default = … }`.
 */
import { type Assignment, valueBeside } from "./assignments.ts";

const LABEL =
  /(?<![\w.-])(?:variable[ \t]{1,10}"([\w.-]{1,160})"\s{0,40}\{|(name|key|label|parameterkey)(?![\w-])|(?:value|default|parametervalue)(?![\w-]))/gi;
// A name and its value are parts of one object, one entry of a list, one document.
const BORDER = /[{}]|\n[ \t]*-[ \t]|\n---/;
const MAX_DISTANCE = 200;
// The default of a variable stands behind its description, which may hold braces.
const BLOCK_BORDER = /^\s*\}|\n\}/;
const MAX_BLOCK_DISTANCE = 600;
const NAME = /^[\w ./:-]{1,160}$/;

/** A name that tells of a secret, or the value beside one, with the range in which it stands. */
interface Part<T> {
  readonly item: T;
  readonly start: number;
  readonly end: number;
  readonly isBlock: boolean;
}

/**
 * The entries of a text, in its order. A value may come twice.
 *
 * @param isWanted whether the value of a name is asked for.
 */
export function* entriesOf(
  text: string,
  isWanted: (name: string) => boolean,
): Generator<Assignment> {
  let named: Part<string> | undefined;
  let value: Part<Omit<Assignment, "name">> | undefined;
  for (const { 0: label, 1: variable, 2: nameLabel, index } of text.matchAll(LABEL)) {
    const end = index + label.length;
    if (variable !== undefined) {
      named = isWanted(variable) ? { item: variable, start: index, end, isBlock: true } : undefined;
      value = undefined;
      continue;
    }
    const found = valueBeside(text, end);
    if (found === undefined) continue;
    const part = { start: index, end: found.start + found.value.length, isBlock: false };
    if (nameLabel === undefined) {
      value = { item: found, ...part };
      if (named !== undefined && areTogether(text, named, value))
        yield { name: named.item, ...found };
    } else {
      const name = NAME.test(found.value) ? lastOf(found.value) : "";
      // In `name: TOKEN, key: prod` the first one says what the value is.
      const isOther = named === undefined || !areTogether(text, named, part);
      if (isWanted(name)) named = { item: name, ...part };
      else if (isOther) named = undefined;
      if (isWanted(name) && value !== undefined && areTogether(text, value, part))
        yield { name, ...value.item };
    }
  }
}

function lastOf(name: string): string {
  return name.split(/[./:]/).at(-1) ?? "";
}

function areTogether(
  text: string,
  { end, isBlock }: Pick<Part<unknown>, "end" | "isBlock">,
  { start }: Pick<Part<unknown>, "start">,
): boolean {
  const [border, distance] = isBlock ? [BLOCK_BORDER, MAX_BLOCK_DISTANCE] : [BORDER, MAX_DISTANCE];
  return start - end <= distance && !border.test(text.slice(end, start));
}
