/** The report as text for people, and as JSON. */
import { formatError } from "@proxmox-mcp/crypto";
import { errorJson, printable, redactKeys } from "@proxmox-mcp/crypto/internal";
import type { Check, ReportedCheck, ReportedWarning } from "./check.ts";
import type { Report } from "./report.ts";

/** A report, with further checks perhaps. */
export interface RenderedReport extends Omit<Report, "checks"> {
  readonly checks: readonly ReportedCheck[];
}

/** What a report comes to, in the words of its last line. */
export interface Verdict {
  readonly healthy: string;
  readonly faulty: string;
}

const OFFLINE: Verdict = {
  healthy: "Healthy: the server would start.",
  faulty: "The server would not start.",
};

const LABELS: Readonly<Record<Check["status"], string>> = {
  ok: "ok",
  warning: "warning",
  failed: "FAILED",
  skipped: "skipped",
};

/** One line a check, below it its problems and warnings, and the verdict at the end. */
export function renderText(report: RenderedReport, { healthy, faulty }: Verdict = OFFLINE): string {
  const width = Math.max(...report.checks.map(({ name }) => name.length));
  const lines = report.checks.flatMap(({ name, status, summary, problems, warnings }) => [
    `${LABELS[status].padEnd(7)}  ${name.padEnd(width)}  ${summary}`,
    ...problems.map((problem) => `           ${formatError(problem)}`),
    ...warnings.map((warning) => `           ${formatWarning(warning)}`),
  ]);
  return [...lines, report.exitStatus === 0 ? healthy : faulty]
    .map((line) => `${printable(redactKeys(line))}\n`)
    .join("");
}

/**
 * The report as JSON, a stable shape: keys are added in minor versions, none is removed or changes
 * its meaning. What does not apply is null.
 *
 *   ok, exitStatus, config, format ("json" | "yaml" | "dotenv"),
 *   key      { from, id }
 *   checks   [{ name, status ("ok" | "warning" | "failed" | "skipped"), summary,
 *              problems and warnings [{ code, message, file, location, line, column, hint }],
 *              where the parts of the place that do not apply are left out }]
 *   secrets  [{ location, state, variable, opens, keyId, sealedAt (ISO 8601) }]
 */
export function renderJson(report: RenderedReport): string {
  const { exitStatus, config, format, key, checks, secrets } = report;
  const shape = {
    ok: exitStatus === 0,
    exitStatus,
    config: config ?? null,
    format: format ?? null,
    key: key === undefined ? null : { from: key.source, id: key.id ?? null },
    checks: checks.map(({ name, status, summary, problems, warnings }) => ({
      name,
      status,
      summary,
      problems: problems.map(errorJson),
      warnings: warnings.map(warningJson),
    })),
    secrets: secrets.map(({ location, state, variable, opened, keyId, sealedAt }) => ({
      location,
      state,
      variable: variable ?? null,
      opens: opened,
      keyId: keyId ?? null,
      sealedAt: sealedAt?.toISOString() ?? null,
    })),
  };
  return `${JSON.stringify(shape, withoutKeys, 2)}\n`;
}

/** A key may stand anywhere where somebody put it by mistake: in a name of the config, in a path. */
function withoutKeys(_: string, value: unknown): unknown {
  return typeof value === "string" ? redactKeys(value) : value;
}

export function warningJson({ code, message, where, hint }: ReportedWarning): object {
  return { code, message, ...where, hint: hint ?? null };
}

export function formatWarning({ code, message, where, hint }: ReportedWarning): string {
  const { file, line, column, location } = where;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const subject = [place, location].filter(Boolean).join(" ");
  const text = [`warning[${code}]`, subject, message].filter((part) => part !== "").join(": ");
  return hint === undefined ? text : `${text}. Way out: ${hint}.`;
}
