/** What is wrong with an audit log, or worth a word. */

/** The kinds, as programs get them. */
export type FindingKind =
  /** A line is not what the server wrote. */
  | "changed"
  /** A line that the server did not write stands between lines that it did. */
  | "forged"
  /** Lines are not there. */
  | "missing"
  /** A line stands where it does not belong, or twice. */
  | "order"
  /** A line is a piece of one, as a full disk or a crash leaves it. */
  | "torn"
  /** A line is none of an audit log. */
  | "foreign"
  /** A line is sealed with a key that is not at hand, or with one that was not in force. */
  | "key"
  /** A line is not sealed. */
  | "unsealed"
  /** A chain has no end: its process still runs, was killed, or its end was cut off. */
  | "open"
  /** A chain goes on from a file that was not given. */
  | "continued"
  /** Calls ended while nothing could be written, more of them than could be kept. */
  | "lost";

export interface Finding {
  readonly kind: FindingKind;
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** A few words for people, without anything that stands in the log. */
  readonly message: string;
}

/** What was found in all files together. */
export interface Verdict {
  readonly files: readonly string[];
  /** Those that are sealed as the server wrote them. */
  readonly lines: number;
  readonly chains: number;
  readonly findings: readonly Finding[];
  /** What is as it should be where the server still runs, or where not all files were given. */
  readonly notes: readonly Finding[];
}
