/** Writes strings as YAML scalars of one line that YAML 1.1 and 1.2 readers read alike. */
import { isPlainString } from "./yaml-plain.ts";

const PLAIN = /^[\w/+](?:[\w./+=@:!-]*[\w./+=@!-])?$/;
// Older readers end a plain scalar inside of braces or brackets at any colon.
const PLAIN_IN_FLOW = /^[\w/+][\w./+=@-]*$/;
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\uFEFF\uFFFE\uFFFF]/u;
const BLOCK_HEADER_COMMENT = /^[|>][-+\d]*([ \t]+#[^\r\n]*)/;

/**
 * Spells `text` so that it can stand in the place of the scalar spelled `old`, in the same style
 * where that can hold it. A block scalar becomes a double-quoted one, and keeps its comment.
 *
 * @param inFlow whether the scalar stands inside of braces or brackets.
 */
export function spellYaml(old: string, text: string, inFlow: boolean): string {
  switch (old.charAt(0)) {
    case "'":
      return UNPRINTABLE.test(text) ? doubleQuoted(text) : `'${text.replaceAll("'", "''")}'`;
    case '"':
      return doubleQuoted(text);
    case "|":
    case ">":
      return doubleQuoted(text) + (BLOCK_HEADER_COMMENT.exec(old)?.[1] ?? "");
    default:
      return isPlain(text, inFlow) ? text : doubleQuoted(text);
  }
}

function isPlain(text: string, inFlow: boolean): boolean {
  return (inFlow ? PLAIN_IN_FLOW : PLAIN).test(text) && isPlainString(text);
}

/** JSON's escapes are YAML's, too; what YAML calls unprintable is escaped on top. */
function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(new RegExp(UNPRINTABLE, "gu"), (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
