/**
 * A rule of an analysis is a value: what it looks for, from which measure on, how grave that is, and
 * what to do. Rules are pure: the same facts give the same findings.
 */

/** Gravest first. */
export const SEVERITIES = ["critical", "warning", "info"] as const;

/** critical: something fails or is open now. warning: it soon will. info: could be better. */
export type Severity = (typeof SEVERITIES)[number];

/** Measured values by name; the unit is the end of the name, as in `memory_used_bytes`. */
export type Evidence = Readonly<Record<string, string | number | boolean | null>>;

/** From which measure on a rule finds something. Names end in the unit, as in `memory_fraction`. */
export type Threshold = Readonly<Record<string, number>>;

/** What a rule found at one subject. */
export interface Observation {
  /** `cluster`, or a kind and an id: `node/pve1`, `qemu/100`, `storage/pve1/local`, `user/root@pam`. */
  readonly subject: string;
  /** One sentence with the measured values. */
  readonly summary: string;
  readonly evidence: Evidence;
  /** Values for the placeholders of the rule's remedy. */
  readonly about?: Readonly<Record<string, string | number>>;
}

/** A rule over the facts of one analysis. */
export interface Rule<Facts> {
  /** Stable: `subject.what`, in kebab case. */
  readonly id: string;
  /** What it looks for, in a few words. */
  readonly title: string;
  readonly severity: Severity;
  /** `null` where there is nothing to measure. */
  readonly threshold: Threshold | null;
  /** What to do. `{name}` stands for a word of a command and is filled for each finding. */
  readonly remedy: string;
  /** The facts without which it cannot be checked. */
  readonly needs: readonly (keyof Facts & string)[];
  check(facts: Facts): readonly Observation[];
}

/** Facts of which some are known to be there. */
export type Known<Facts, Need extends keyof Facts> = Facts & {
  readonly [Name in Need]-?: Exclude<Facts[Name], undefined>;
};

/** A rule as it is written down: its check sees the facts that it needs as known. */
export interface RuleSource<Facts, Need extends keyof Facts & string>
  extends Omit<Rule<Facts>, "needs" | "check"> {
  readonly needs?: readonly Need[];
  check(facts: Known<Facts, Need>): readonly Observation[];
}

/** Makes a rule. Its check runs only where all that it needs is known. */
export function ruleFrom<Facts, Need extends keyof Facts & string>({
  needs = [],
  ...source
}: RuleSource<Facts, Need>): Rule<Facts> {
  return {
    ...source,
    needs,
    check: (facts) => (isKnown(facts, needs) ? source.check(facts) : []),
  };
}

function isKnown<Facts, Need extends keyof Facts>(
  facts: Facts,
  needs: readonly Need[],
): facts is Known<Facts, Need> {
  return needs.every((name) => facts[name] !== undefined);
}
