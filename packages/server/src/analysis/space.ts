/** Rules about something that fills up: one place that compares, one that says it. */
import { fractionOf, gibibytes, percent, rounded } from "./measure.ts";
import type { Observation } from "./rule.ts";

/** Space of one subject, in bytes. What is unknown is never found full. */
export interface Space {
  readonly subject: string;
  /** Begins the sentence, as in `Node pve1`. */
  readonly name: string;
  /** What is used, as in `memory`. */
  readonly of: string;
  readonly used: number | undefined;
  readonly total: number | undefined;
  readonly about?: Readonly<Record<string, string | number>>;
}

/** From which fraction on it is found, and from which on a graver rule finds it instead. */
export interface Range {
  readonly from: number;
  readonly below?: number;
}

/** @returns one observation where the used fraction is in the range. */
export function fullness(space: Space, { from, below }: Range): readonly Observation[] {
  const { subject, name, of, used, total, about } = space;
  const fraction = fractionOf(used, total);
  if (fraction === undefined || used === undefined || total === undefined) return [];
  if (fraction < from || (below !== undefined && fraction >= below)) return [];
  const summary = `${name} uses ${percent(fraction)} of its ${of}: ${gibibytes(used)} of ${gibibytes(total)}`;
  const unit = of.replaceAll(" ", "_");
  const evidence = {
    [`${unit}_fraction`]: rounded(fraction),
    [`${unit}_used_bytes`]: used,
    [`${unit}_bytes`]: total,
  };
  return [{ subject, summary, evidence, ...(about === undefined ? {} : { about }) }];
}
