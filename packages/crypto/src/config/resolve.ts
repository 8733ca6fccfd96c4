/**
 * From a parsed document to the server's config: expand, decrypt, coerce, validate, fill defaults in,
 * freeze. Pure but for the derivation of keys; every problem is reported, not only the first.
 */
import type { Document, Value } from "../document/document.ts";
import { ProxmoxMcpError } from "../errors.ts";
import type { Opener } from "../secret.ts";
import { isTokenLike } from "../token.ts";
import { checkSchema } from "./check-schema.ts";
import { coerceText } from "./coerce.ts";
import type { Environment } from "./expand.ts";
import { expandFields, type Locate, locatorOf, type TextField } from "./field.ts";
import { type ConfigSecret, openSecret } from "./open-secrets.ts";
import { isSecretField } from "./rules.ts";
import { schemaAt } from "./schema.ts";
import { SecretText } from "./secret-text.ts";
import type { ServerConfig } from "./server-config.ts";
import { treeOf } from "./tree.ts";
import type { ConfigWarning } from "./warning.ts";

/** What a config is made of. */
export interface ResolveOptions extends Environment {
  readonly document: Document;
  /** Named in problems; never read. */
  readonly file?: string;
  /** Opens tokens; or the reason why nothing can, reported once if the document holds a token. */
  readonly opener: Opener | ProxmoxMcpError;
  /** Refuse every secret that is not a bound token. Default: false. */
  readonly requireBound?: boolean;
}

/** A config, or everything that is wrong with it. */
export interface Resolution {
  /** Frozen throughout; `undefined` where there is any problem. */
  readonly config: ServerConfig | undefined;
  /** In the order of the file, each with file, location, line and column. */
  readonly problems: readonly ProxmoxMcpError[];
  /** In the order of the file. */
  readonly warnings: readonly ConfigWarning[];
  /** Every secret field that holds something. */
  readonly secrets: readonly ConfigSecret[];
  /** The variables that the document asks for, each once. */
  readonly variables: readonly string[];
}

/**
 * Resolves a config.
 *
 * Only secret fields are ever decrypted, and a decrypted text is never expanded. A token is opened
 * at its own location; one that is the whole value of a variable may be sealed for `env:NAME` too.
 *
 * @returns problems with the codes PLACEHOLDER, VARIABLE_MISSING, VARIABLE_FORBIDDEN, AMBIGUOUS,
 * TOKEN_*, NO_KEY_OPENS, SECRET_NOT_STRING, SCHEMA, and the one given as `opener`. Never throws them.
 */
export async function resolveConfig(options: ResolveOptions): Promise<Resolution> {
  const { document, file, opener, requireBound = false } = options;
  const locate = locatorOf(document, file);
  if (document.format === "dotenv") return refused(notAConfig(locate));
  const fields = expandFields(document, options, locate);
  const secretFields = fields.filter(({ value }) => isSecretField(value.location));
  const opening = Promise.all(
    secretFields
      .filter(({ problems, expansion }) => problems.length === 0 && expansion.text !== "")
      .map((field) => openSecret(field, { document, opener, requireBound })),
  );

  // While keys are derived, the rest is checked. The validator sees tokens, never their plaintext.
  const tree = treeOf(document);
  for (const field of fields) tree.set(field.value.location, settle(field));
  const variables = new Map(
    fields.map(({ value, expansion }) => [value.location, expansion.variables]),
  );
  const findings = checkSchema(tree, locate, (location) => variables.get(location) ?? []);

  const outcomes = await opening;
  for (const { secret, plaintext } of outcomes) {
    if (plaintext === undefined) continue;
    tree.set(secret.location, new SecretText(plaintext));
  }
  const earlier = [
    ...fields.flatMap(({ problems }) => problems),
    ...document.values.filter(isUncertain).map((value) => ambiguity(value, locate)),
    ...outcomes.flatMap(({ problems }) => problems),
    ...fields.flatMap((field) => strayToken(field)),
  ];
  const spoken = new Set(earlier.map(({ where }) => where.location));
  const schemaProblems = findings.problems.filter(({ where }) => !spoken.has(where.location));
  const problems = inOrder([...new Set([...earlier, ...schemaProblems])]);
  return {
    config: problems.length === 0 ? deepFreeze(tree.root as ServerConfig) : undefined,
    problems,
    warnings: inOrder([...outcomes.flatMap(({ warnings }) => warnings), ...findings.warnings]),
    secrets: outcomes.map(({ secret }) => secret),
    variables: [...new Set([...variables.values()].flat())],
  };
}

function settle({ value, expansion }: TextField): unknown {
  const schema = schemaAt(value.location);
  return schema === undefined ? expansion.text : coerceText(expansion.text, schema);
}

/**
 * Whether a value cannot be taken as it reads: a secret, or a number or boolean that is spelled
 * somewhere else (a YAML alias) or in a way that readers understand differently.
 */
function isUncertain({ location, kind, ambiguity }: Value): boolean {
  if (ambiguity === undefined || kind === "null") return false;
  if (isSecretField(location)) return true;
  return (kind === "number" || kind === "boolean") && schemaAt(location) !== undefined;
}

function ambiguity(value: Value, locate: Locate): ProxmoxMcpError {
  return new ProxmoxMcpError("AMBIGUOUS", `the value is not certain: ${value.ambiguity}`, {
    where: locate(value.location),
    hint: "write the value out in its own place, without anchor, alias, merge key or tag",
  });
}

/** A token where nothing decrypts it would reach Proxmox as it is. */
function strayToken({ value, where, expansion, problems }: TextField): readonly ProxmoxMcpError[] {
  const { location } = value;
  const harmless = problems.length > 0 || isSecretField(location) || !schemaAt(location);
  if (harmless || !isTokenLike(expansion.text)) return [];
  return [
    new ProxmoxMcpError(
      "TOKEN_MISPLACED",
      "an encrypted value stands in a field that is no secret, and nothing decrypts it there",
      {
        where,
        hint: `write it in plain: \`proxmox-mcp-encrypt decrypt FILE --field ${location}\``,
      },
    ),
  ];
}

function notAConfig(locate: Locate): ProxmoxMcpError {
  return new ProxmoxMcpError("SCHEMA", "a .env file is no config of the server", {
    where: locate(""),
    hint: "write the config as JSON or YAML; a .env file can set the variables that it asks for",
  });
}

function refused(problem: ProxmoxMcpError): Resolution {
  return { config: undefined, problems: [problem], warnings: [], secrets: [], variables: [] };
}

function inOrder<T extends { readonly where: { line?: number; column?: number } }>(
  items: readonly T[],
): readonly T[] {
  const rank = ({ where }: T): readonly [number, number] => [where.line ?? 0, where.column ?? 0];
  return [...items].sort((a, b) => {
    const [[lineA, columnA], [lineB, columnB]] = [rank(a), rank(b)];
    return lineA - lineB || columnA - columnB;
  });
}

function deepFreeze<T>(item: T): T {
  if (typeof item === "object" && item !== null && !Object.isFrozen(item)) {
    for (const key of Reflect.ownKeys(item)) deepFreeze(Reflect.get(item, key));
    Object.freeze(item);
  }
  return item;
}
