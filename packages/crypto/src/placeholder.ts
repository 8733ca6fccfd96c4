/** Placeholders for variables of the environment, as text. */

/** Whether a text holds one. */
export function hasPlaceholder(text: string): boolean {
  return text.includes("${");
}

/** What stands in a text itself: the defaults of its placeholders, or, where it has none, all of it. */
export function literalsOf(text: string): readonly string[] {
  return hasPlaceholder(text) ? defaultsOf(text) : [text];
}

/**
 * The defaults of the placeholders in a text, as in `${NAME:-default}`, but for empty ones. Looks at each
 * part once: a pattern would try every start.
 */
export function defaultsOf(text: string): readonly string[] {
  return text.split("}").flatMap((part) => {
    const start = part.indexOf("${");
    const mark = part.lastIndexOf(":-");
    const found = start >= 0 && mark > start + 1 && mark + 2 < part.length;
    return found ? [part.slice(mark + 2)] : [];
  });
}
