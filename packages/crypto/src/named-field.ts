/** The fields that a person names, and what must not be done to a field. */
import type { Document, Value } from "./document/document.ts";
import { ProxmoxMcpError } from "./errors.ts";
import { whereOf } from "./field.ts";
import { type SecretRules, secretMatcher, type Verdict, wildcard } from "./select.ts";
import { didYouMean } from "./suggest.ts";
import { isTokenLike } from "./token.ts";

/**
 * Finds the one field that a person names.
 *
 * @throws ProxmoxMcpError FIELD_NOT_FOUND with the nearest name.
 */
export function findField(document: Document, location: string): Value {
  const wanted = locationOf(document, location);
  const value = document.values.find((candidate) => candidate.location === wanted);
  if (value === undefined) throw fieldNotFound(document, wanted);
  return value;
}

/** A variable of a .env file may be named with or without `env:`. */
export function locationOf({ format }: Document, name: string): string {
  return format === "dotenv" && !name.startsWith("env:") ? `env:${name}` : name;
}

/** @throws ProxmoxMcpError FIELD_NOT_FOUND where no field fits, USAGE where one is a master key. */
export function requireField(document: Document, pattern: string, rules: SecretRules): void {
  const fits = wildcard(pattern);
  const match = secretMatcher(rules);
  const found = document.values.filter((value) => fits(value.location));
  if (found.length === 0) throw fieldNotFound(document, pattern);
  const forbidden = found.find((value) => isForbidden(match(value)));
  if (forbidden !== undefined) {
    throw new ProxmoxMcpError("USAGE", "a master key or a seal is never encrypted with itself", {
      where: whereOf(document, forbidden),
      hint: "keep the master key in a file of its own, apart from the configs",
    });
  }
}

function fieldNotFound(document: Document, location: string): ProxmoxMcpError {
  // A value may have been put in the place of its field, and must not be shown.
  const isName = /^(\/|env:)|^[A-Za-z_]\w{0,63}$/.test(location);
  const known = document.values
    .filter((value) => value.kind === "string")
    .map((value) => value.location);
  return new ProxmoxMcpError(
    "FIELD_NOT_FOUND",
    isName
      ? `there is no field ${location}${didYouMean(location, known)}`
      : "there is no such field, and what was given for it does not look like one",
    {
      ...(isName ? { where: { location } } : {}),
      hint: "`proxmox-mcp-encrypt status FILE` lists the secret fields",
    },
  );
}

/** @throws ProxmoxMcpError USAGE for a field that is no secret, unless forced. */
export function requireSecret(
  document: Document,
  value: Value,
  rules: SecretRules,
  force: boolean,
): void {
  const verdict = secretMatcher(rules)(value);
  if (verdict === "secret" || (verdict === "unnamed" && (isTokenLike(value.text) || force))) return;
  throw new ProxmoxMcpError("USAGE", `${value.location} is no secret field`, {
    where: whereOf(document, value),
    hint: isForbidden(verdict)
      ? "a master key is never encrypted with itself"
      : "seal it all the same with --force",
  });
}

/** @throws ProxmoxMcpError SECRET_NOT_STRING or AMBIGUOUS for a value that cannot be replaced. */
export function requireEditable(document: Document, value: Value): void {
  if (value.kind !== "string") {
    throw new ProxmoxMcpError(
      "SECRET_NOT_STRING",
      `a secret must be a string, this is a ${value.kind}`,
      {
        where: whereOf(document, value),
        hint: "write the value as a string, in quotes",
      },
    );
  }
  const problem = ambiguityOf(document, value);
  if (problem !== undefined) throw problem;
}

/** The error AMBIGUOUS for a value that cannot be replaced; `undefined` where nothing is in the way. */
export function ambiguityOf(document: Document, value: Value): ProxmoxMcpError | undefined {
  if (value.ambiguity === undefined) return undefined;
  return new ProxmoxMcpError(
    "AMBIGUOUS",
    `the secret cannot be changed safely: ${value.ambiguity}`,
    {
      where: whereOf(document, value),
      hint: "write the value as an ordinary quoted string and run the command again",
    },
  );
}

/** @throws ProxmoxMcpError USAGE or PLACEHOLDER for a new value that makes no sense sealed. */
export function requireSealable(
  plaintext: string,
  document: Document,
  value: Value,
  force: boolean,
): void {
  const where = whereOf(document, value);
  if (plaintext === "") {
    throw new ProxmoxMcpError("USAGE", "the new value is empty", {
      where,
      hint: "type the secret, or pipe it in",
    });
  }
  if (isTokenLike(plaintext)) {
    throw new ProxmoxMcpError("USAGE", "the new value is a token already", {
      where,
      hint: "give the secret itself",
    });
  }
  if (plaintext.includes("${") && !force) {
    throw new ProxmoxMcpError(
      "PLACEHOLDER",
      "the new value holds `${`, and a sealed value is never expanded",
      {
        where,
        hint: "if it is no placeholder, use --force",
      },
    );
  }
}

function isForbidden(verdict: Verdict): boolean {
  return verdict === "never" || verdict === "master-key";
}
