/** Every rule finds what it is for, and nothing where that is only just not so. */
import { describe, expect, test } from "vitest";
import { CATALOGUE } from "../../src/analysis/catalogue.ts";
import { reportOf } from "../../src/analysis/report.ts";
import { CLUSTER_HEALTH } from "./cluster-health-cases.ts";
import { GUEST_DIAGNOSIS } from "./guest-cases.ts";
import { OPTIMIZATION } from "./optimization-cases.ts";
import type { Suite } from "./rule-cases.ts";
import { SECURITY } from "./security-cases.ts";

function check<Facts>(name: string, { rules, cases, healthy }: Suite<Facts>): void {
  describe(name, () => {
    test("every rule has a case that triggers it and one that does not", () => {
      expect(Object.keys(cases).sort()).toEqual(rules.map(({ id }) => id).sort());
      expect(CATALOGUE[name]).toBe(rules);
    });

    test("nothing is found where nothing is wrong", () => {
      const { findings } = reportOf(rules, healthy, { checked: {}, gaps: [] });
      expect(findings).toEqual([]);
    });

    test.each(rules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
      const example = cases[id];
      if (example === undefined) throw new Error(`no case for ${id}`);
      const { finds, subjects, says, passes, alsoPass = [] } = example;
      const coverage = { checked: {}, gaps: [] };
      const { findings } = reportOf([rule], finds, coverage);
      expect(findings.map(({ subject }) => subject)).toEqual(subjects);
      for (const { summary, remedy, severity, threshold, evidence } of findings) {
        expect(remedy).not.toMatch(/\{\w+\}/);
        expect({ severity, threshold }).toEqual({
          severity: rule.severity,
          threshold: rule.threshold,
        });
        // What is compared is shown, in the same unit.
        const shown = Object.keys(evidence);
        expect(shown).toEqual(expect.arrayContaining(Object.keys(threshold ?? {})));
        expect(summary).not.toMatch(/undefined|NaN|null/);
      }
      expect(findings[0]?.summary).toMatch(says);
      for (const facts of [passes, ...alsoPass]) {
        expect(reportOf([rule], facts, coverage).findings).toEqual([]);
      }
    });
  });
}

check("analyze_cluster_health", CLUSTER_HEALTH);
check("diagnose_vm_issues", GUEST_DIAGNOSIS);
check("suggest_resource_optimization", OPTIMIZATION);
check("analyze_security_posture", SECURITY);

test("commands are those of the guest's kind", () => {
  const { healthy, rules } = GUEST_DIAGNOSIS;
  const { guest } = healthy;
  const changed = { status: "stopped", lock: "backup", hastate: "error" };
  const coverage = { checked: {}, gaps: [] };
  const remedies = (type: "qemu" | "lxc"): string =>
    reportOf(rules, { ...healthy, guest: { ...guest, ...changed, type } }, coverage)
      .findings.map(({ remedy }) => remedy)
      .join("\n");
  for (const words of ["qm start 100", "qm unlock 100", "ha-manager set vm:100"])
    expect(remedies("qemu")).toContain(words);
  for (const words of ["pct start 100", "pct unlock 100", "ha-manager set ct:100"])
    expect(remedies("lxc")).toContain(words);
});

test("an id stands for one rule, in whichever analysis it is", () => {
  const cards = Object.values(CATALOGUE).flat();
  for (const { id } of cards) {
    expect(new Set(cards.filter((card) => card.id === id)).size, id).toBe(1);
    expect(id).toMatch(/^[a-z]+\.[a-z]+(?:-[a-z]+)*$/);
  }
});
