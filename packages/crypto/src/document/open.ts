/** Opens a document of any format. The YAML parser is large, and loaded when it is first needed. */
import { ProxmoxMcpError } from "../errors.ts";
import type { Document, OpenDocumentOptions } from "./document.ts";
import { openDotenv } from "./dotenv.ts";
import { openJson } from "./json.ts";
import { Source } from "./source.ts";

/**
 * Parses a document, strictly: what two common readers could understand differently is refused, or
 * noted as the `ambiguity` of the values that it touches. JSON is that of RFC 8259, YAML what
 * readers of 1.1 and of 1.2 understand alike, .env as python-dotenv reads it.
 *
 * @param text the whole file, decoded from UTF-8. A byte order mark may stay.
 * @throws ProxmoxMcpError FILE_EMPTY, FILE_NOT_TEXT (a NUL or half a surrogate pair), SYNTAX,
 * DUPLICATE_FIELD or AMBIGUOUS, with file, line and column.
 */
export async function openDocument(text: string, options: OpenDocumentOptions): Promise<Document> {
  const source = new Source(text, options.file);
  requireText(source);
  switch (options.format) {
    case "json":
      return openJson(source);
    case "yaml":
      return (await import("./yaml.ts")).openYaml(source);
    case "dotenv":
      return openDotenv(source);
  }
}

function requireText(source: Source): void {
  const { text, file } = source;
  if (!/\S/.test(text)) {
    throw new ProxmoxMcpError("FILE_EMPTY", "there is nothing in it", {
      ...(file === undefined ? {} : { where: { file } }),
    });
  }
  const nul = text.indexOf("\0");
  if (nul >= 0) throw source.fault("FILE_NOT_TEXT", "a NUL character: this is not text", nul);
  if (!text.isWellFormed()) {
    throw source.fault(
      "FILE_NOT_TEXT",
      "half a surrogate pair: this is not text",
      text.search(/\p{Cs}/u),
    );
  }
}
