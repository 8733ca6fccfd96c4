/** To which check a finding belongs. */
import type { ErrorCode, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { CheckName, HealthWarning } from "./report.ts";

const BY_CODE: Readonly<Partial<Record<ErrorCode, CheckName>>> = {
  USAGE: "file",
  FILE_NOT_FOUND: "file",
  FILE_NOT_REGULAR: "file",
  FILE_UNREADABLE: "file",
  FILE_EMPTY: "file",
  FILE_NOT_TEXT: "file",
  SYNTAX: "syntax",
  DUPLICATE_FIELD: "syntax",
  AMBIGUOUS: "syntax",
  PLACEHOLDER: "variables",
  VARIABLE_MISSING: "variables",
  VARIABLE_FORBIDDEN: "variables",
  SCHEMA: "schema",
};

/** The check that a problem fails. */
export function checkOfProblem({ code }: ProxmoxMcpError): CheckName {
  return BY_CODE[code] ?? (code.startsWith("KEY_") ? "key" : "secrets");
}

const BY_WARNING: Readonly<Record<HealthWarning["code"], CheckName>> = {
  UNKNOWN_KEY: "schema",
  PLAIN_SECRET: "secrets",
  PLAIN_DEFAULT: "secrets",
  WEAK_KEY: "key",
  LOOSE_MODE: "modes",
};

/** The check that a warning stands under. */
export function checkOfWarning({ code }: HealthWarning): CheckName {
  return BY_WARNING[code];
}
