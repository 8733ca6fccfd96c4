/** What the four analyses answer: findings in a fixed order, and what was not looked at. */
import { z } from "zod";
import type { Gap } from "./gaps.ts";
import { fillRemedy } from "./remedy.ts";
import { type Evidence, type Rule, SEVERITIES, type Severity, type Threshold } from "./rule.ts";

/** No answer holds more findings, however large the cluster. */
export const MAX_FINDINGS = 200;
/** Nor more entries of what was not checked. */
export const MAX_NOT_CHECKED = 50;

/** One finding. */
export interface Finding {
  /** Stable id of the rule, as in docs/analyses.md. */
  readonly rule: string;
  readonly severity: Severity;
  readonly subject: string;
  readonly summary: string;
  readonly evidence: Evidence;
  readonly threshold: Threshold | null;
  readonly remedy: string;
}

/** Something that was not looked at. */
export interface NotChecked {
  readonly what: string;
  /** Rules that could not be checked, or not everywhere. */
  readonly rules: readonly string[];
  readonly code: Gap["code"];
  readonly why: string;
  readonly missing_privilege: string | null;
}

/** What every analysis answers. */
export interface AnalysisReport {
  /** By severity, then rule, then subject. */
  readonly findings: readonly Finding[];
  /** Of all findings, those left out too. */
  readonly totals: Readonly<Record<Severity, number>>;
  /** Findings beyond MAX_FINDINGS, by rule. */
  readonly omitted: Readonly<Record<string, number>>;
  readonly checked: Readonly<Record<string, number>>;
  readonly not_checked: readonly NotChecked[];
  readonly not_checked_omitted: number;
}

const COUNT = z.int().nonnegative();
const COUNTS = z.record(z.string(), COUNT);

const FINDING = z.object({
  rule: z.string().describe("Stable id of the rule"),
  severity: z.enum(SEVERITIES),
  subject: z
    .string()
    .describe(
      '"cluster", or a kind and an id: node/pve1, qemu/100, storage/pve1/local, user/a@pve',
    ),
  summary: z.string(),
  evidence: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .describe("Measured values; the end of a name is its unit (bytes, fraction, days)"),
  threshold: z
    .record(z.string(), z.number())
    .nullable()
    .describe("From where on the rule finds something; units as in the evidence"),
  remedy: z.string().describe("What to do; commands are for a shell on a Proxmox node"),
});

const NOT_CHECKED = z.object({
  what: z.string(),
  rules: z.array(z.string()).describe("Rules that could not be checked, or not everywhere"),
  code: z.string().describe("Error code, or LIMIT where the analysis asks for no more"),
  why: z.string(),
  missing_privilege: z.string().nullable().describe('As in "Sys.Audit on /nodes/pve1"'),
});

/** The schema of a report. */
export const REPORT: z.ZodObject<{
  readonly [Field in keyof AnalysisReport]: z.ZodType<AnalysisReport[Field]>;
}> = z.object({
  findings: z.array(FINDING).describe("By severity, then rule, then subject"),
  totals: z
    .object({ critical: COUNT, warning: COUNT, info: COUNT })
    .describe("How many findings there are, those left out too"),
  omitted: COUNTS.describe(`How many findings beyond ${MAX_FINDINGS} were left out, by rule`),
  checked: COUNTS.describe("How many of what was looked at"),
  not_checked: z
    .array(NOT_CHECKED as z.ZodType<NotChecked>)
    .describe("What was not looked at, and why"),
  not_checked_omitted: COUNT.describe(`How many entries beyond ${MAX_NOT_CHECKED} were left out`),
});

/** What was looked at: how many of each, and what not. */
export interface Coverage {
  readonly checked: Readonly<Record<string, number>>;
  readonly gaps: readonly Gap[];
}

/** Applies the rules. The order of rules, facts and gaps leaves no trace in the report. */
export function reportOf<Facts>(
  rules: readonly Rule<Facts>[],
  facts: Facts,
  { checked, gaps }: Coverage,
): AnalysisReport {
  const findings = rules.flatMap((rule) => findingsOf(rule, facts)).sort(byGravity);
  const unchecked = gaps.map((gap) => notChecked(rules, gap)).sort(byWhat);
  return {
    findings: findings.slice(0, MAX_FINDINGS),
    totals: {
      critical: countOf(findings, "critical"),
      warning: countOf(findings, "warning"),
      info: countOf(findings, "info"),
    },
    omitted: countByRule(findings.slice(MAX_FINDINGS)),
    checked: { rules: rules.length, ...checked },
    not_checked: unchecked.slice(0, MAX_NOT_CHECKED),
    not_checked_omitted: Math.max(0, unchecked.length - MAX_NOT_CHECKED),
  };
}

function findingsOf<Facts>(rule: Rule<Facts>, facts: Facts): Finding[] {
  return rule.check(facts).map(({ subject, summary, evidence, about }) => ({
    rule: rule.id,
    severity: rule.severity,
    subject: bounded(subject),
    summary: bounded(summary),
    evidence: Object.fromEntries(
      Object.entries(evidence).map(([name, value]) => [
        name,
        typeof value === "string" ? bounded(value) : value,
      ]),
    ),
    threshold: rule.threshold,
    remedy: bounded(fillRemedy(rule.remedy, about)),
  }));
}

// Names come from others, and may be of any length.
const LONGEST = 1000;

function bounded(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function notChecked<Facts>(
  rules: readonly Rule<Facts>[],
  { facts, what, code, why, missingPrivilege }: Gap,
): NotChecked {
  const touched = rules.filter(({ needs }) => needs.some((need) => facts.includes(need)));
  return {
    what: bounded(what),
    rules: touched.map(({ id }) => id).sort(inOrder),
    code,
    why: bounded(why),
    missing_privilege: missingPrivilege,
  };
}

function byGravity(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    inOrder(a.rule, b.rule) ||
    inOrder(a.subject, b.subject) ||
    inOrder(a.summary, b.summary)
  );
}

function byWhat(a: NotChecked, b: NotChecked): number {
  return inOrder(a.what, b.what) || inOrder(a.code, b.code);
}

// One order on every machine, with numbers inside by their value: qemu/99 before qemu/100.
const collator = new Intl.Collator("en", { numeric: true });

function inOrder(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

function countOf(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

function countByRule(findings: readonly Finding[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of findings) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}
