/** Checking a config against its schema, in words for people. Values never get into a message. */
import { childPointer, splitPointer } from "../document/pointer.ts";
import { ProxmoxMcpError } from "../errors.ts";
import { didYouMean, isSlipOf } from "../suggest.ts";
import { checkCredentials } from "./check-credentials.ts";
import type { Locate } from "./field.ts";
import { isSecretField } from "./rules.ts";
import { type SchemaNode, type SchemaType, type SchemaViolation, schemaAt } from "./schema.ts";
import type { Tree } from "./tree.ts";
import { validate } from "./validator.generated.ts";
import type { ConfigWarning } from "./warning.ts";

/** What a check found. */
export interface SchemaFindings {
  /** SCHEMA or SECRET_NOT_STRING, one for each location. */
  readonly problems: readonly ProxmoxMcpError[];
  readonly warnings: readonly ConfigWarning[];
}

/**
 * Checks a tree, fills defaults in and removes unknown keys: those in policy, http and audit are
 * problems, others warnings.
 *
 * @param variablesAt the variables that the value at a location was made of.
 */
export function checkSchema(
  tree: Tree,
  locate: Locate,
  variablesAt: (location: string) => readonly string[],
): SchemaFindings {
  validate(tree.root);
  const problems = new Map<string, ProxmoxMcpError>();
  const warnings: ConfigWarning[] = [];
  for (const violation of validate.errors ?? []) {
    const location = locationOf(violation);
    if (violation.keyword === "additionalProperties") {
      const { message, ...place } = unknownKey(violation, location, locate);
      if (isGuarded(location)) {
        problems.set(location, new ProxmoxMcpError("SCHEMA", message, place));
      } else {
        warnings.push({ code: "UNKNOWN_KEY", message, ...place });
      }
      tree.remove(location);
    } else if (!problems.has(location)) {
      problems.set(location, problemOf(violation, location, locate, variablesAt(location)));
    }
  }
  for (const problem of checkCredentials(tree.root, locate)) {
    problems.set(problem.where.location ?? "", problem);
  }
  return { problems: [...problems.values()], warnings };
}

const GUARDED: readonly string[] = ["policy", "http", "audit"];

/** Where a slip of a key would leave open what was meant to be shut, or the name of a section itself. */
function isGuarded(location: string): boolean {
  const [section = "", ...rest] = splitPointer(location);
  if (rest.length > 0 || GUARDED.includes(section)) return GUARDED.includes(section);
  return GUARDED.some((name) => isSlipOf(section, name));
}

function locationOf({ instancePath, params }: SchemaViolation): string {
  const key = params["missingProperty"] ?? params["additionalProperty"];
  return typeof key === "string" ? childPointer(instancePath, key) : instancePath;
}

function problemOf(
  violation: SchemaViolation,
  location: string,
  locate: Locate,
  variables: readonly string[],
): ProxmoxMcpError {
  const schema = schemaAt(location) ?? {};
  const wanted = expectation(schema);
  const name = splitPointer(location).at(-1);
  const wrongSecret = violation.keyword === "type" && isSecretField(location);
  const origin = variables.length === 0 ? "" : ` (from ${variables.join(", ")})`;
  return new ProxmoxMcpError(
    wrongSecret ? "SECRET_NOT_STRING" : "SCHEMA",
    violation.keyword === "required"
      ? `the required key ${name} is missing`
      : `the value${origin} must be ${wanted}`,
    { where: locate(location), hint: remedy(name ?? "the root", wanted, schema) },
  );
}

function remedy(name: string, wanted: string, schema: SchemaNode): string {
  const meaning = (schema.description ?? "").replace(/\.$/, "");
  if (hasOwnWords(schema)) return meaning.charAt(0).toLowerCase() + meaning.slice(1);
  return `write ${wanted} for ${name}${meaning === "" ? "" : `: ${meaning}`}`;
}

const TYPE_NAMES: Readonly<Record<SchemaType, string>> = {
  object: "a map",
  array: "a list",
  string: "text",
  integer: "a whole number",
  boolean: "true or false",
  null: "null",
};

function hasOwnWords({ pattern, title }: SchemaNode): boolean {
  return pattern !== undefined && title !== undefined;
}

function expectation(schema: SchemaNode): string {
  const { type = [], enum: choices, pattern, minimum, maximum, title = "" } = schema;
  if (hasOwnWords(schema)) return title;
  if (choices !== undefined) return `one of ${choices.join(", ")}`;
  const types = [type].flat().map((name: SchemaType) => TYPE_NAMES[name]);
  const range = minimum === undefined ? "" : ` from ${minimum} to ${maximum}`;
  return types.join(" or ") + range + (pattern === undefined ? "" : " that is not blank");
}

function unknownKey(
  violation: SchemaViolation,
  location: string,
  locate: Locate,
): Omit<ConfigWarning, "code"> {
  const known = Object.keys(schemaAt(violation.instancePath)?.properties ?? {});
  const key = String(violation.params["additionalProperty"]);
  return {
    message: `the key ${key} is unknown${isGuarded(location) ? "" : " and ignored"}${didYouMean(key, known)}`,
    where: locate(location),
    hint: `remove it, or use one of ${known.join(", ")}`,
  };
}
