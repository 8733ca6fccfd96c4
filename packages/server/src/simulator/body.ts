/** Parameters out of a query and a body. */
import type { Raw } from "./parameters.ts";
import { Refusal } from "./refusal.ts";

/** The parameters of a form or a query. A repeated key is an array. */
export function parseForm(text: string): Record<string, Raw> {
  const parameters: Record<string, Raw> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    parameters[name] =
      before === undefined
        ? value
        : [...(Array.isArray(before) ? before : [String(before)]), value];
  }
  return parameters;
}

/**
 * The parameters of a JSON body.
 *
 * @throws Refusal in the words of Perl's parser.
 */
export function parseJson(text: string): Record<string, Raw> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value } as Record<string, Raw>;
  } catch {
    // Said below.
  }
  const offset = /^\s*\{?\s*/.exec(text)?.[0].length ?? 0;
  const expected = text.trimStart().startsWith("{")
    ? `'"' expected`
    : "malformed JSON string, neither tag, array, object, number, string or atom";
  const rest = text.slice(offset) || "(end of string)";
  const place = `at character offset ${offset} (before "${rest}")`;
  throw new Refusal(
    500,
    `${expected}, ${place} at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 934.\n`,
    { bare: true },
  );
}
