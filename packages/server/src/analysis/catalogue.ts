/** The four analyses and their rules, for docs/analyses.md and for whoever lists them. */
import { CLUSTER_HEALTH_RULES } from "./cluster-health/rules.ts";
import { GUEST_RULES } from "./guest/rules.ts";
import { OPTIMIZATION_RULES } from "./optimization/rules.ts";
import type { Rule } from "./rule.ts";
import { SECURITY_RULES } from "./security/rules.ts";

/** What a rule promises, whatever facts it is about. */
export type RuleCard = Pick<Rule<never>, "id" | "title" | "severity" | "threshold" | "remedy">;

/** The rules of each tool. */
export const CATALOGUE: Readonly<Record<string, readonly RuleCard[]>> = {
  analyze_cluster_health: CLUSTER_HEALTH_RULES,
  diagnose_vm_issues: GUEST_RULES,
  suggest_resource_optimization: OPTIMIZATION_RULES,
  analyze_security_posture: SECURITY_RULES,
};
