import type { Document } from "../../src/document/document.ts";
import { openDocument } from "../../src/document/open.ts";

/** A JSON document of a value, spelled with two spaces of indentation. */
export function openJson(value: unknown): Promise<Document> {
  return openDocument(JSON.stringify(value, null, 2), { format: "json", file: "config.json" });
}
