/**
 * Evaluates the `${{ }}` expressions of GitHub workflows: as much of the language as ours use. What
 * is not known is refused, so that no typing error passes for an empty text.
 * Source: GitHub's documentation, "Evaluate expressions in workflows and actions".
 */

/** A value of an expression. Objects are contexts such as `github` or `inputs`. */
export type Value = null | boolean | number | string | readonly Value[] | Context;

/** A context. A name that it does not have is an error, unless `others` says what it is. */
export interface Context {
  readonly names: Readonly<Record<string, Value>>;
  readonly others?: Value;
}

/** What an expression may refer to. */
export interface Scope {
  readonly contexts: Readonly<Record<string, Value>>;
  /** `success`, `failure`, `always` and `cancelled`, where an `if` may ask for them. */
  readonly status?: Readonly<Record<string, boolean>>;
}

const TOKEN =
  /\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w-]*)|(==|!=|<=|>=|&&|\|\||[!<>()[\].,*]))/y;
const STATUS = ["success", "failure", "always", "cancelled"];

/** Fills in each `${{ }}` of a text. */
export function fillIn(template: string, scope: Scope): string {
  return template.replace(/\$\{\{(.*?)\}\}/gs, (_, text: string) => asText(evaluate(text, scope)));
}

/** Whether an `if` holds. Where it asks for no status, everything before it must have gone well. */
export function holds(condition: string | boolean | undefined, scope: Scope): boolean {
  const { success = true } = scope.status ?? {};
  if (condition === undefined) return success;
  if (typeof condition === "boolean") return condition && success;
  const text = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(condition)?.[1] ?? condition;
  if (text.includes("${{")) throw new SyntaxError(`an "if" that is always true: ${condition}`);
  const result = isTruthy(evaluate(text, scope));
  const asks = STATUS.some((name) => new RegExp(`\\b${name}\\s*\\(`).test(text));
  return asks ? result : success && result;
}

/** @throws SyntaxError for anything that is not known. */
export function evaluate(text: string, scope: Scope): Value {
  const tokens = tokenize(text);
  let at = 0;
  const refuse = (why: string): never => {
    throw new SyntaxError(`${why} in the expression "${text.trim()}"`);
  };
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };
  const expect = (token: string): void => {
    if (!take(token)) refuse(`"${token}" is missing`);
  };

  function or(): Value {
    let left = and();
    while (take("||")) {
      const right = and();
      left = isTruthy(left) ? left : right;
    }
    return left;
  }
  function and(): Value {
    let left = equality();
    while (take("&&")) {
      const right = equality();
      left = isTruthy(left) ? right : left;
    }
    return left;
  }
  function equality(): Value {
    const left = unary();
    if (take("==")) return isEqual(left, unary());
    if (take("!=")) return !isEqual(left, unary());
    return left;
  }
  function unary(): Value {
    if (take("!")) return !isTruthy(unary());
    return postfix();
  }
  function postfix(): Value {
    let value = primary();
    for (;;) {
      if (take(".")) value = take("*") ? everyOf(value) : property(value, next());
      else if (take("[")) {
        value = property(value, asText(or()));
        expect("]");
      } else return value;
    }
  }
  function primary(): Value {
    if (take("(")) {
      const value = or();
      expect(")");
      return value;
    }
    const token = next();
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^-?\d/.test(token)) return Number(token);
    if (token === "true" || token === "false") return token === "true";
    if (token === "null") return null;
    if (take("(")) return call(token, list());
    const context = scope.contexts[token];
    return context === undefined ? refuse(`no context "${token}"`) : context;
  }
  function list(): readonly Value[] {
    const values: Value[] = [];
    while (!take(")")) {
      if (values.length > 0) expect(",");
      values.push(or());
    }
    return values;
  }
  function next(): string {
    return tokens[at++] ?? refuse("something is missing");
  }
  function property(value: Value, name: string): Value {
    if (Array.isArray(value)) return value.map((item) => property(item, name));
    // GitHub says the same of a value that is not there.
    if (value === null || value === "") return null;
    if (!isContext(value)) return refuse(`"${name}" of what has no names`);
    const found = name in value.names ? value.names[name] : value.others;
    return found === undefined ? refuse(`no "${name}"`) : found;
  }
  function call(name: string, given: readonly Value[]): Value {
    const status = scope.status?.[name];
    if (status !== undefined && given.length === 0) return status;
    const [first = null, second = null] = given;
    if (name === "contains")
      return Array.isArray(first)
        ? first.some((item) => isEqual(item, second))
        : lower(first).includes(lower(second));
    if (name === "startsWith") return lower(first).startsWith(lower(second));
    if (name === "endsWith") return lower(first).endsWith(lower(second));
    if (name === "join" && Array.isArray(first))
      return first.map(asText).join(given.length > 1 ? asText(second) : ",");
    if (name === "format")
      return asText(first).replace(/\{(\d+)\}/g, (_, index: string) =>
        asText(given[Number(index) + 1] ?? refuse("too few arguments")),
      );
    return refuse(`no function "${name}"`);
  }

  const value = or();
  if (at < tokens.length) refuse(`"${tokens[at]}" is not understood`);
  return value;
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  const source = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const start = TOKEN.lastIndex;
    const [token] = TOKEN.exec(source) ?? [];
    if (token === undefined)
      throw new SyntaxError(`"${source.slice(start)}" is not understood in "${source}"`);
    tokens.push(token.trim());
  }
  return tokens;
}

/** What a value is as text, in `run`, `env` and `with`. */
export function asText(value: Value): string {
  if (value === null) return "";
  if (typeof value === "object") throw new SyntaxError("an object is no text");
  return String(value);
}

function lower(value: Value): string {
  return asText(value).toLowerCase();
}

function isContext(value: Value): value is Context {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function everyOf(value: Value): readonly Value[] {
  if (!isContext(value)) throw new SyntaxError('".*" of what has no names');
  return Object.values(value.names);
}

function isTruthy(value: Value): boolean {
  return value !== null && value !== false && value !== 0 && value !== "";
}

// Texts are compared without case; different types as numbers, of which an empty text is 0.
function isEqual(left: Value, right: Value): boolean {
  if (typeof left === "string" && typeof right === "string") return lower(left) === lower(right);
  if (typeof left === typeof right) return left === right;
  return asNumber(left) === asNumber(right);
}

function asNumber(value: Value): number {
  if (typeof value === "object" && value !== null) return Number.NaN;
  return Number(value ?? 0);
}
