/** Parses a YAML text into exactly one document, without errors, of bounded depth. */
import { Composer, type CST, type Document, Parser, type YAMLError } from "yaml";
import { MAX_DEPTH, type Source } from "./source.ts";

/** The document of a text; `undefined` where there are but comments. Offsets are the text's. */
export type ComposedYaml = Document.Parsed | undefined;

/** Composes the one document of a text. @throws ProxmoxMcpError SYNTAX or AMBIGUOUS. */
export function composeYaml(source: Source): ComposedYaml {
  requireYamlCharacters(source);
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    merge: false,
    strict: true,
    logLevel: "silent",
    // Both would do what the walk over the values does better: without a quadratic search for
    // duplicates, and without guessing at tags that other readers do not know.
    uniqueKeys: false,
    resolveKnownTags: false,
  });
  const [document] = composer.compose(onlyDocument(source, new Parser().parse(source.text)));
  if (document !== undefined) requireNoFaults(source, document);
  return document;
}

const UNPRINTABLE = /[^\P{Cc}\t\n\r\x85]|[\uFFFE\uFFFF]/u;
const DISPUTED_LINE_END = /[\x85\u2028\u2029]|\r(?!\n)|(?!^)\uFEFF/u;

function requireYamlCharacters(source: Source): void {
  const unprintable = source.text.search(UNPRINTABLE);
  if (unprintable >= 0) {
    throw source.fault("SYNTAX", "YAML takes no control characters", unprintable, {
      hint: "write it as an escape, in double quotes",
    });
  }
  const disputed = source.text.search(DISPUTED_LINE_END);
  if (disputed >= 0) {
    throw source.fault(
      "AMBIGUOUS",
      "readers of YAML disagree on whether a line ends here",
      disputed,
      {
        hint: "end lines with a line feed, and write special characters as escapes in double quotes",
      },
    );
  }
}

function* onlyDocument(source: Source, tokens: Iterable<CST.Token>): Generator<CST.Token, void> {
  let seen = false;
  for (const token of tokens) {
    if (token.type === "directive") {
      throw source.fault("AMBIGUOUS", "readers of YAML disagree on directives", token.offset, {
        hint: "remove this line",
      });
    }
    if (token.type === "document") {
      if (seen) {
        throw source.fault("AMBIGUOUS", "a second YAML document begins here", token.offset, {
          hint: "keep one document in a file",
        });
      }
      seen = true;
      requireDepth(source, token);
    }
    yield token;
  }
}

/** The composer recurses, and a stack that runs out in there can end the process. */
function requireDepth(source: Source, document: CST.Document): void {
  const pending: [token: CST.Token | null | undefined, depth: number][] = [[document.value, 1]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [token, depth] = next;
    if (token == null || !("items" in token)) continue;
    if (depth > MAX_DEPTH) throw source.tooDeep(token.offset);
    for (const { key, value } of token.items) pending.push([key, depth + 1], [value, depth + 1]);
  }
}

function requireNoFaults(source: Source, document: Document): void {
  // Unknown tags are no fault of the document: they are noted on the values that carry them.
  const warnings = document.warnings.filter(({ code }) => code !== "TAG_RESOLVE_FAILED");
  const faults: YAMLError[] = [...document.errors, ...warnings];
  const [first] = faults.sort((a, b) => a.pos[0] - b.pos[0]);
  if (first === undefined) return;
  // The parser's own message may quote the text, and so a secret.
  const isOpenQuote = first.message.startsWith("Missing closing");
  const message = isOpenQuote ? "a quote is not closed" : (MESSAGES[first.code] ?? OTHER);
  throw source.fault("SYNTAX", message, Math.min(first.pos[0], source.text.length));
}

const OTHER = "this is not YAML as readers agree on it";
const MESSAGES: Readonly<Partial<Record<YAMLError["code"], string>>> = {
  ALIAS_PROPS: "an alias takes neither anchor nor tag",
  BAD_ALIAS: "malformed anchor or alias",
  BAD_COLLECTION_TYPE: "this tag does not fit the value",
  BAD_DQ_ESCAPE: "unknown escape in double quotes",
  BAD_INDENT: "wrong indentation",
  BAD_PROP_ORDER: "an anchor or tag in the wrong place",
  BAD_SCALAR_START: "a value that begins with this character must be in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a list or map in the place of a key, or two keys in one line",
  BLOCK_IN_FLOW: "a block list or map inside of braces or brackets",
  KEY_OVER_1024_CHARS: "a key of more than 1024 characters",
  MISSING_CHAR: "a colon, comma, quote, bracket or blank is missing",
  MULTILINE_IMPLICIT_KEY: "a key must be on one line",
  MULTIPLE_ANCHORS: "a value takes one anchor at most",
  MULTIPLE_TAGS: "a value takes one tag at most",
  TAB_AS_INDENT: "indentation must not contain tabs",
  TAG_RESOLVE_FAILED: "this tag does not fit the value",
  UNEXPECTED_TOKEN: "unexpected text",
};
