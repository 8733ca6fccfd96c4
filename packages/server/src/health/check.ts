/** Checks, what stands under them, and to which one a finding belongs. */
import type { ErrorCode, ProxmoxMcpError, Where } from "@proxmox-mcp/crypto";
import type { ConfigWarningCode } from "@proxmox-mcp/crypto/config";

/** The checks, in their order. Each presumes those before it. */
export const CHECK_NAMES = [
  "file",
  "syntax",
  "variables",
  "key",
  "secrets",
  "schema",
  "modes",
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

export interface HealthWarning {
  readonly code: ConfigWarningCode | "LOOSE_MODE" | "SHARED_ADDRESS" | "WEAK_KEY";
  readonly message: string;
  readonly where: Where;
  readonly hint?: string;
}

export interface Check {
  readonly name: CheckName;
  /** `skipped` where an earlier failure left nothing to look at. */
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** A few words for people. */
  readonly summary: string;
  readonly problems: readonly ProxmoxMcpError[];
  readonly warnings: readonly HealthWarning[];
}

/** Any check of a report, those of the online part too. */
export interface ReportedCheck extends Omit<Check, "name" | "warnings"> {
  readonly name: string;
  readonly warnings: readonly ReportedWarning[];
}

export interface ReportedWarning extends Omit<HealthWarning, "code"> {
  readonly code: string;
}

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
export function checkOfProblem({ code, where }: ProxmoxMcpError): CheckName {
  // A file, or a switch of the command line, is wrong where the config says so: that one has been read.
  const isRead = where.location !== undefined;
  if (isRead && (code === "USAGE" || code.startsWith("FILE_"))) return "schema";
  return BY_CODE[code] ?? (code.startsWith("KEY_") ? "key" : "secrets");
}

const BY_WARNING: Readonly<Record<HealthWarning["code"], CheckName>> = {
  UNKNOWN_KEY: "schema",
  PLAIN_SECRET: "secrets",
  PLAIN_DEFAULT: "secrets",
  SHARED_ADDRESS: "schema",
  WEAK_KEY: "key",
  LOOSE_MODE: "modes",
};

/** The check that a warning stands under. */
export function checkOfWarning({ code }: HealthWarning): CheckName {
  return BY_WARNING[code];
}
