/** The report of an analysis as short text for people. */
import type { AnalysisReport, Finding, NotChecked } from "./report.ts";

// More than a screen is not read; the structured result has the rest.
const SHOWN = 20;

/** What was looked at, then the gravest findings with their remedies, then what was not looked at. */
export function reportText(name: string, report: AnalysisReport): string {
  const { findings, totals, not_checked } = report;
  const all = totals.critical + totals.warning + totals.info;
  const shown = findings.slice(0, SHOWN);
  return [
    `${name}: ${all === 0 ? "nothing found" : countsOf(totals)}. Checked: ${checkedOf(report)}.`,
    ...shown.flatMap(linesOf),
    ...(all > shown.length ? [`… and ${all - shown.length} more findings.`] : []),
    ...not_checked.slice(0, SHOWN).map(gapLine),
    ...(not_checked.length > SHOWN ? ["… and more that was not checked."] : []),
  ].join("\n");
}

function countsOf({ critical, warning, info }: AnalysisReport["totals"]): string {
  return `${critical} critical, ${warning} warning, ${info} info`;
}

function checkedOf({ checked }: AnalysisReport): string {
  return Object.entries(checked)
    .map(([what, count]) => `${what.replaceAll("_", " ")} ${count}`)
    .join(", ");
}

function linesOf({ severity, rule, subject, summary, remedy }: Finding): string[] {
  return [`[${severity}] ${subject}: ${summary} (${rule})`, `  Remedy: ${remedy}`];
}

function gapLine({ what, why, missing_privilege }: NotChecked): string {
  const remedy = missing_privilege === null ? "" : ` Missing: ${missing_privilege}.`;
  return `Not checked: ${what}: ${why}.${remedy}`;
}
