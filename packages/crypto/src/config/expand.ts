/**
 * Environment placeholders in strings of a config: `${VAR}`, `${VAR:-default}`, `${VAR:?message}`.
 *
 * As in a shell, `:-` and `:?` treat an empty variable like a missing one, and `${VAR}` takes it as
 * it is. One pass: what a variable or a default holds is not expanded again. There is no escape.
 */
import { ProxmoxMcpError } from "../errors.ts";

/** What placeholders may be filled from. */
export interface Environment {
  /** Own properties only. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables that hold a master key under a name of the user's choice. */
  readonly keyVariables?: readonly string[];
}

/** A string after expansion. */
export interface Expansion {
  /** The text; where there are problems, it still holds the placeholders that failed. */
  readonly text: string;
  /** Every variable that was asked for, in order. */
  readonly variables: readonly string[];
  /** The variable that gave the whole text: the string was exactly its placeholder. */
  readonly wholly?: string;
  /** Whether a default was taken. */
  readonly defaulted: boolean;
  /** Whether the string was exactly one placeholder. */
  readonly single: boolean;
  /**
   * PLACEHOLDER, VARIABLE_MISSING or VARIABLE_FORBIDDEN, without a place, each message once. No
   * values in them.
   */
  readonly problems: readonly ProxmoxMcpError[];
}

const OPENING = "${";
const PLACEHOLDER = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([-?])((?:(?!\$\{)[^}])*))?\}/y;
// Whatever the case: Windows looks variables up without regard to it.
const FORBIDDEN = /^(?:PROXMOX_MCP_.*|CREDENTIALS_DIRECTORY)$/i;

/** Expands every placeholder of one string. */
export function expandText(text: string, environment: Environment): Expansion {
  const parts: string[] = [];
  const variables: string[] = [];
  const problems = new Map<string, ProxmoxMcpError>();
  let single = false;
  let defaulted = false;
  let position = 0;
  for (;;) {
    const start = text.indexOf(OPENING, position);
    if (start === -1) break;
    parts.push(text.slice(position, start));
    PLACEHOLDER.lastIndex = start;
    const match = PLACEHOLDER.exec(text);
    if (match === null) {
      if (!problems.has(OPENING)) problems.set(OPENING, malformed());
      parts.push(OPENING);
      position = start + OPENING.length;
      continue;
    }
    const [whole, name = "", operator, word = ""] = match;
    position = start + whole.length;
    single = whole.length === text.length;
    variables.push(name);
    const found = lookUp(name, operator, word, environment);
    if (found instanceof ProxmoxMcpError) problems.set(found.message, found);
    else defaulted ||= found.defaulted;
    parts.push(found instanceof ProxmoxMcpError ? whole : found.text);
  }
  parts.push(text.slice(position));
  const wholly = single && !defaulted && problems.size === 0 ? variables[0] : undefined;
  return {
    text: parts.join(""),
    variables,
    ...(wholly === undefined ? {} : { wholly }),
    defaulted,
    single,
    problems: [...problems.values()],
  };
}

function lookUp(
  name: string,
  operator: string | undefined,
  word: string,
  { env, keyVariables = [] }: Environment,
): { readonly text: string; readonly defaulted: boolean } | ProxmoxMcpError {
  if (FORBIDDEN.test(name) || keyVariables.includes(name)) return forbidden(name);
  const text = Object.hasOwn(env, name) ? env[name] : undefined;
  if (operator === undefined) {
    return text === undefined ? missing(name, "") : { text, defaulted: false };
  }
  if (text !== undefined && text !== "") return { text, defaulted: false };
  return operator === "-" ? { text: word, defaulted: true } : missing(name, word);
}

function missing(name: string, message: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "VARIABLE_MISSING",
    `the variable ${name} is not set${message === "" ? "" : `: ${message}`}`,
    { hint: `set ${name} in the environment, or give it a default: \${${name}:-value}` },
  );
}

function forbidden(name: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "VARIABLE_FORBIDDEN",
    `the variable ${name} is never given to a config: it leads to the master key`,
    { hint: "use a variable of another name" },
  );
}

function malformed(): ProxmoxMcpError {
  return new ProxmoxMcpError("PLACEHOLDER", "a `${` begins no placeholder", {
    hint:
      `write \${NAME}, \${NAME:-default} or \${NAME:?message}; they do not nest. ` +
      "A secret that holds `${` itself must be encrypted: a decrypted text is never expanded",
  });
}
