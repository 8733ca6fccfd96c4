/** What stands where a secret would, and is none: placeholders, and what others sealed. */
import { isTokenLike } from "./token.ts";

// `${NAME}`, `$NAME`, `$(command)`, `{{ name }}`, `<name>`, `%NAME%`, `%s`, `{name}`, `[name]`, `@name@`.
const REFERENCE =
  /\$\{|^(?:\$[A-Za-z_]\w*[^\w$]*)+$|^\$\(|\{\{|<[\w .:/-]{1,60}>|^%\w+%?$|%\(\w+\)s|^\{[^{}]*\}$|^\[[^[\]]*\]$|^@\w+@$|^process\.env|^os\.environ/;
const MARK =
  /examp[l1]e|change[-_ ]?(?:me|it|this)|placeholder|redacted|dummy|replace[-_ ]?(?:me|with|this)|insert[-_ ]|goes[-_ ]here|\btodo\b|x{4}|\*{3}|\.{3}|\u2026|(?<![a-z])your[-_ ]/i;
// Ansible Vault, SOPS, dotenvx, age and PGP.
const SEALED_BY_OTHERS =
  /^\s*(?:\$ANSIBLE_VAULT;|ENC\[|encrypted:|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE)-----)/;

/** Whether a text is empty, sealed, or stands for a value that is elsewhere or nowhere. */
export function isStandIn(text: string): boolean {
  return (
    text.trim() === "" ||
    isTokenLike(text) ||
    REFERENCE.test(text) ||
    MARK.test(text) ||
    SEALED_BY_OTHERS.test(text)
  );
}
