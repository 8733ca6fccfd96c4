// Fair comparison: everything is measured once a round, in turns, so that all see the same machine.

/**
 * @param subjects functions by name; each does its work and returns what it measured.
 * @returns for each name, what was measured in each round.
 */
export function inTurns(rounds, subjects) {
  const measured = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measure] of Object.entries(subjects)) measured[name].push(measure());
  }
  return measured;
}

/** Combines what was measured in the same rounds. @returns the median of the results. */
export function pairedMedian(lists, combine) {
  const [first] = lists;
  return median(first.map((_, round) => combine(...lists.map((list) => list[round]))));
}

/** The middle value; the mean of the middle two. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** The value that `part` of all do not exceed, as 0.95 of them. */
export function percentile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
}

/** Milliseconds that a function takes. */
export function milliseconds(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}
