/** What every analysis answers, whatever its rules are. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Gap } from "../../src/analysis/gaps.ts";
import { fillRemedy } from "../../src/analysis/remedy.ts";
import {
  type AnalysisReport,
  MAX_FINDINGS,
  MAX_NOT_CHECKED,
  REPORT,
  reportOf,
} from "../../src/analysis/report.ts";
import { reportText } from "../../src/analysis/report-text.ts";
import { type Rule, ruleFrom, type Severity } from "../../src/analysis/rule.ts";

interface Facts {
  readonly ids: readonly number[];
  readonly missing: string | undefined;
}

const rule = (id: string, severity: Severity): Rule<Facts> =>
  ruleFrom<Facts, "ids">({
    id,
    title: "A number",
    severity,
    threshold: { things: 1 },
    remedy: "`qm start {vmid}`",
    needs: ["ids"],
    check: ({ ids }) =>
      ids.map((vmid) => ({
        subject: `qemu/${vmid}`,
        summary: `Number ${vmid}`,
        evidence: { things: vmid },
        about: { vmid },
      })),
  });

const RULES = [
  rule("a.info", "info"),
  rule("b.critical", "critical"),
  rule("a.warning", "warning"),
];
const gap = (details: Partial<Gap> = {}): Gap => ({
  facts: ["ids"],
  what: "the ids",
  code: "PROXMOX_FORBIDDEN",
  why: "not let in",
  missingPrivilege: "Sys.Audit on /",
  ...details,
});

function report(ids: readonly number[], gaps: readonly Gap[] = []): AnalysisReport {
  return reportOf(RULES, { ids, missing: undefined }, { checked: { things: ids.length }, gaps });
}

test("findings stand by severity, then rule, then subject", () => {
  const { findings, totals } = report([100, 99]);
  expect(findings.map(({ rule: id, subject }) => [id, subject])).toEqual([
    ["b.critical", "qemu/99"],
    ["b.critical", "qemu/100"],
    ["a.warning", "qemu/99"],
    ["a.warning", "qemu/100"],
    ["a.info", "qemu/99"],
    ["a.info", "qemu/100"],
  ]);
  expect(totals).toEqual({ critical: 2, warning: 2, info: 2 });
});

test("the same facts give the same report, in whatever order they come", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { maxLength: 30 }), fc.boolean(), (ids, reversed) => {
      const gaps = ids.map((id) => gap({ what: `number ${id}` }));
      const rules = reversed ? RULES.toReversed() : RULES;
      const shuffled = reportOf(
        rules,
        { ids: ids.toReversed(), missing: undefined },
        { checked: { things: ids.length }, gaps: gaps.toReversed() },
      );
      expect(JSON.stringify(shuffled)).toBe(JSON.stringify(report(ids, gaps)));
    }),
  );
});

test("ten thousand guests give no longer an answer than two hundred findings", () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => 100 + index);
  const gaps = ids.map((id) => gap({ what: `number ${id}` }));
  const large = report(ids, gaps);
  expect(large.findings).toHaveLength(MAX_FINDINGS);
  expect(large.findings.every(({ severity }) => severity === "critical")).toBe(true);
  expect(large.totals).toEqual({ critical: 10_000, warning: 10_000, info: 10_000 });
  expect(large.omitted).toEqual({ "a.info": 10_000, "a.warning": 10_000, "b.critical": 9800 });
  expect(large.not_checked).toHaveLength(MAX_NOT_CHECKED);
  expect(large.not_checked_omitted).toBe(10_000 - MAX_NOT_CHECKED);
  expect(JSON.stringify(large).length).toBeLessThan(100_000);
  expect(REPORT.parse(large)).toEqual(large);
  const text = reportText("Things", large);
  expect(text.split("\n").length).toBeLessThan(100);
  expect(text).toContain("… and 29980 more findings.");
});

test("a name of any length makes no long answer", () => {
  const long = "x".repeat(1_000_000);
  const named = ruleFrom<Facts, never>({
    id: "a.name",
    title: "A name",
    severity: "info",
    threshold: null,
    remedy: "`qm start {name}`",
    check: () => [
      { subject: long, summary: long, evidence: { name: long }, about: { name: long } },
    ],
  });
  const facts = { ids: [], missing: undefined };
  const gaps = [gap({ what: long, why: long })];
  expect(JSON.stringify(reportOf([named], facts, { checked: {}, gaps })).length).toBeLessThan(8000);
});

test("a rule whose facts are missing finds nothing and is named", () => {
  const needing = ruleFrom<Facts, "missing">({
    id: "c.missing",
    title: "Something",
    severity: "info",
    threshold: null,
    remedy: "nothing",
    needs: ["missing"],
    check: ({ missing }) => [{ subject: missing, summary: missing, evidence: {} }],
  });
  const facts = { ids: [], missing: undefined };
  const gaps = [gap({ facts: ["missing"], what: "what is missing" })];
  const { findings, not_checked } = reportOf([...RULES, needing], facts, { checked: {}, gaps });
  expect(findings).toEqual([]);
  expect(not_checked).toEqual([
    {
      what: "what is missing",
      rules: ["c.missing"],
      code: "PROXMOX_FORBIDDEN",
      why: "not let in",
      missing_privilege: "Sys.Audit on /",
    },
  ]);
});

describe("the text", () => {
  test("says what was looked at, what is wrong, what to do, and what was not looked at", () => {
    expect(reportText("Things", report([7], [gap()]))).toBe(
      [
        "Things: 1 critical, 1 warning, 1 info. Checked: rules 3, things 1.",
        "[critical] qemu/7: Number 7 (b.critical)",
        "  Remedy: `qm start 7`",
        "[warning] qemu/7: Number 7 (a.warning)",
        "  Remedy: `qm start 7`",
        "[info] qemu/7: Number 7 (a.info)",
        "  Remedy: `qm start 7`",
        "Not checked: the ids: not let in. Missing: Sys.Audit on /.",
      ].join("\n"),
    );
  });

  test("says so where nothing is wrong", () => {
    expect(reportText("Things", report([]))).toBe(
      "Things: nothing found. Checked: rules 3, things 0.",
    );
  });
});

describe("a remedy", () => {
  test.each([
    ["local-lvm", "local-lvm"],
    ["UPID:pve1:00000003:00000003:00000003:vzdump:100:root@pam:", undefined],
    // An interactive bash would expand what follows the mark.
    ["joe@pve!backup", "'joe@pve!backup'"],
    ["a; rm -rf /", "'a; rm -rf /'"],
    ["$(reboot)", "'$(reboot)'"],
    ["it's", "'it'\\''s'"],
    ["--purge", "'--purge'"],
    ["", "''"],
  ])("takes %j as one word of a command", (value, word = value) => {
    expect(fillRemedy("qm start {vmid} now", { vmid: value })).toBe(`qm start ${word} now`);
  });

  test("does not pass with a gap in it", () => {
    expect(() => fillRemedy("qm start {vmid}")).toThrow(TypeError);
  });
});
