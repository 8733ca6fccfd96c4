/** For each rule, facts that it finds something in, and facts that are only just not enough. */
import type { Rule } from "../../src/analysis/rule.ts";

export interface RuleCase<Facts> {
  readonly finds: Facts;
  /** The subjects that it names. */
  readonly subjects: readonly string[];
  /** Words of its summary. */
  readonly says: RegExp;
  readonly passes: Facts;
  /** More of them. */
  readonly alsoPass?: readonly Facts[];
}

export type RuleCases<Facts> = Readonly<Record<string, RuleCase<Facts>>>;

/** The rules of one analysis, and a case for each. */
export interface Suite<Facts> {
  readonly rules: readonly Rule<Facts>[];
  readonly cases: RuleCases<Facts>;
  /** Nothing is wrong here. */
  readonly healthy: Facts;
}
