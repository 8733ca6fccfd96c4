/** Writes strings as values of a .env file that all of its readers read alike. */

type Style = (text: string) => string | undefined;

const unquoted: Style = (text) => (/^(?!=)[\w./:=@%+,^-]+$/.test(text) ? text : undefined);
const single: Style = (text) => (/['\r\0]|\\\\|\\$|\$\{/.test(text) ? undefined : `'${text}'`);
const double: Style = (text) => (/["\\$`\r\0]/.test(text) ? undefined : `"${text}"`);

/**
 * Spells `text` so that it can stand in the place of the value spelled `old`, in the same style where
 * that can hold it.
 *
 * @returns `undefined` where no style holds it.
 */
export function spellDotenv(old: string, text: string): string | undefined {
  if (text === "" && old === "") return "";
  for (const style of stylesLike(old)) {
    const spelling = style(text);
    if (spelling !== undefined) return spelling;
  }
  return undefined;
}

function stylesLike(old: string): readonly Style[] {
  if (old.startsWith('"')) return [double, single];
  if (old.startsWith("'")) return [single, double];
  return [unquoted, single, double];
}
