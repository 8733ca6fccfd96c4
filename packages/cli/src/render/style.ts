/** Colours for terminals, off where NO_COLOR is set (no-color.org) or the stream is no terminal. */

/** Marks up text. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

/** A style with colours, or one that leaves every text as it is. */
export function createStyle(colours: boolean): Style {
  const mark = (open: number, close: number) => (text: string) =>
    colours ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: mark(1, 22),
    dim: mark(2, 22),
    good: mark(32, 39),
    warn: mark(33, 39),
    bad: mark(31, 39),
  };
}

/** Whether a stream gets colours. */
export function wantsColours(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const refused = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  return isTerminal && !refused;
}
