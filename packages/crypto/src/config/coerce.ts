/** Strings that stand for numbers and booleans, because variables can hold nothing else. */
import type { SchemaNode } from "./schema.ts";

/**
 * What a string means where the schema wants another type: `"8006"` is a number, `"true"` and
 * `"False"` are booleans, `"info"` is the `INFO` of a list of words.
 *
 * @returns the string itself where it means nothing else; the schema then refuses it.
 */
export function coerceText(text: string, schema: SchemaNode): string | number | boolean {
  const word = text.trim();
  switch (schema.type) {
    case "integer":
      return /^[+-]?\d{1,15}$/.test(word) ? Number(word) : text;
    case "boolean":
      return /^(?:true|false)$/i.test(word) ? word.toLowerCase() === "true" : text;
    default:
      return schema.enum?.find((choice) => choice === word.toUpperCase()) ?? text;
  }
}
