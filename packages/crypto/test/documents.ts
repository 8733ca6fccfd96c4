/** Documents, rules and a name for their values: what the tests of fields and plans share. */
import type { Document, DocumentFormat, Value } from "../src/document/document.ts";
import { openDocument } from "../src/document/open.ts";
import type { SecretRules } from "../src/select.ts";

export const RULES: SecretRules = {
  locations: ["/auth/token_value", "/servers/*/token_secret", "env:PVE_*_TOKEN", "env:API_KEY"],
  names: ["password"],
  telling: [],
  never: ["*master_key*"],
  masterKeys: [],
};

/** A JSON document of these values, with two spaces of indentation. */
export function json(value: unknown): Promise<Document> {
  return open(`${JSON.stringify(value, null, 2)}\n`, "json");
}

export function open(text: string, format: DocumentFormat): Promise<Document> {
  return openDocument(text, { format });
}

export function valueAt(document: Document, location: string): Value {
  const value = document.values.find((candidate) => candidate.location === location);
  if (value === undefined) throw new Error(`no value at ${location}`);
  return value;
}

/** What a reader finds, by location: strings only. */
export async function stringsOf(
  text: string,
  format: DocumentFormat = "json",
): Promise<Readonly<Record<string, string>>> {
  const { values } = await open(text, format);
  return Object.fromEntries(
    values.filter(({ kind }) => kind === "string").map((value) => [value.location, value.text]),
  );
}
