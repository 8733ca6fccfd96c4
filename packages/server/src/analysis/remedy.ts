/** Fills a remedy with the words of one finding. */

const PLACEHOLDER = /\{(\w+)\}/g;

// What a shell takes as it stands. Without `!`, which an interactive one expands.
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/**
 * Puts values in the place of `{name}`. Values come from Proxmox and stand in commands that people
 * paste, so each becomes one word of a POSIX shell, whatever it holds.
 *
 * @throws TypeError where a value is missing.
 */
export function fillRemedy(
  remedy: string,
  about: Readonly<Record<string, string | number>> = {},
): string {
  return remedy.replace(PLACEHOLDER, (_, name: string) => {
    const value = about[name];
    if (value === undefined) throw new TypeError(`nothing is known of {${name}} in a remedy`);
    return shellWord(String(value));
  });
}

function shellWord(text: string): string {
  return PLAIN_WORD.test(text) && !text.startsWith("-")
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
}
