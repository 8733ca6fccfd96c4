/** What `status --check` objects to. Pure. */
import type { ErrorCode } from "@proxmox-mcp/crypto";
import type { FileStatus, StatusField } from "./file-status.ts";

/** Why a field needs attention. */
export const FINDING_KINDS = [
  /** A secret in plain sight. */
  "plain",
  /** A secret as the default of a placeholder. */
  "plain-default",
  /** No string, so it cannot be sealed. */
  "not-a-string",
  /** Looks like a secret, and no rule names it. */
  "secret-looking",
  /** A master key in plain text, beside the secrets that it opens. */
  "master-key",
  /** Not bound to its field, where PROXMOX_MCP_REQUIRE_BOUND demands it. */
  "not-bound",
  /** Sealed longer ago than --max-age allows, or at a time that lies ahead. */
  "too-old",
  /** A token that cannot be opened; `code` says why. */
  "unopened",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing that needs attention. */
export interface Finding {
  readonly file: string;
  readonly location: string;
  readonly kind: FindingKind;
  readonly code?: ErrorCode;
}

/** What the findings depend on. */
export interface FindingRules {
  readonly now: Date;
  /** Milliseconds. */
  readonly maxAge: number | undefined;
  readonly requireBound: boolean;
}

// Clocks of two machines differ by a little; a token from the future is older than it says.
const CLOCK_SKEW = 5 * 60_000;

/** The findings in all files, in the order of the fields. */
export function findingsOf(files: readonly FileStatus[], rules: FindingRules): readonly Finding[] {
  return files.flatMap(({ file, secrets, lookalikes }) => [
    ...secrets.flatMap((field) =>
      ofField(field, rules).map((found) => ({ file, location: field.location, ...found })),
    ),
    ...lookalikes.map(
      ({ location, state }): Finding => ({
        file,
        location,
        kind: state === "master-key" || state === "plain-default" ? state : "secret-looking",
      }),
    ),
  ]);
}

function ofField(
  field: StatusField,
  rules: FindingRules,
): readonly Pick<Finding, "kind" | "code">[] {
  switch (field.state) {
    case "plain":
    case "plain-default":
    case "not-a-string":
    case "master-key":
      return [{ kind: field.state }];
    case "placeholder":
      return [];
    case "malformed":
      return [{ kind: "unopened", code: "TOKEN_MALFORMED" }];
    case "newer":
      return [{ kind: "unopened", code: "TOKEN_NEWER" }];
    default: {
      const found: Pick<Finding, "kind" | "code">[] = [];
      if (field.problem !== undefined) found.push({ kind: "unopened", code: field.problem.code });
      if (rules.requireBound && field.state !== "bound") found.push({ kind: "not-bound" });
      if (isTooOld(field, rules)) found.push({ kind: "too-old" });
      return found;
    }
  }
}

function isTooOld({ claimedAt }: StatusField, { now, maxAge }: FindingRules): boolean {
  if (maxAge === undefined) return false;
  if (claimedAt === undefined) return true;
  const age = now.getTime() - claimedAt.getTime();
  return age > maxAge || age < -CLOCK_SKEW;
}
