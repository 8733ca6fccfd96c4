/** Fields for secrets that are kept by name, such as the API keys of clients. */
import { addField } from "./document/add-field.ts";
import type { Document } from "./document/document.ts";
import { splitPointer } from "./document/pointer.ts";
import { type SecretRules, secretMatcher, wildcard } from "./select.ts";

/**
 * The document with an empty field at a location that is not there, where a rule names all fields of
 * a map and so this one, too. A secret that a rule names in full is never added: what is missing
 * there is more likely misspelled.
 *
 * @returns the same document where nothing is to be added, or it has no place for it.
 */
export async function withNewSecret(
  document: Document,
  location: string,
  rules: SecretRules,
): Promise<Document> {
  if (document.values.some((value) => value.location === location)) return document;
  const name = splitPointer(location).at(-1) ?? "";
  const isNamed = rules.locations.some((rule) => rule.endsWith("/*") && wildcard(rule)(location));
  const field = { location, name, kind: "string", text: "", start: 0, end: 0 } as const;
  if (!isNamed || name === "" || secretMatcher(rules)(field) !== "secret") return document;
  return (await addField(document, location)) ?? document;
}
