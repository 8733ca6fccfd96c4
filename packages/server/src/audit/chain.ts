/** The lines of one chain, as they come: each follows from the one before it. */
import { counted } from "../counted.ts";
import type { Finding, FindingKind } from "./finding.ts";
import type { ReadLine } from "./line.ts";

/** Where a line stands. */
export type LinePlace = Pick<Finding, "file" | "line">;

/** Tells what is wrong with the line that is being taken. */
export type Tell = (kind: FindingKind, message: string) => void;

/** How a chain ended. */
export interface ChainEnd {
  /** Whether it had any line that is sealed. */
  readonly isKnown: boolean;
  readonly findings: readonly Finding[];
  /** What may be as it should be while servers run, and while their keys change. */
  readonly doubts: readonly Finding[];
}

/** What stands before a line, in whatever chain. */
export interface Before {
  /** Whether a line with this mac does. */
  has(mac: string): boolean;
  /** Whether a line does that says that this key was replaced. */
  isReplaced(key: string | null): boolean;
}

export interface Chain {
  /** Takes a line that is as it was written. */
  takeTrue(line: ReadLine, place: LinePlace, tell: Tell): void;
  /** Takes one that says it is of this chain, and is not as it was written. */
  takeFalse(place: LinePlace): void;
  /** Takes one that nobody can judge here. */
  takeUnknown(): void;
  end(): ChainEnd;
}

interface Last extends LinePlace {
  readonly seq: number;
  readonly mac: string | null;
  readonly event: unknown;
  /** The id of the key that seals the next line. */
  readonly key: unknown;
}

export function createChain(before: Before): Chain {
  let last: Last | undefined;
  let suspects: LinePlace[] = [];
  let unknown = 0;
  const findings: Finding[] = [];
  const doubts: Finding[] = [];

  const settle = (kind: "changed" | "forged"): void => {
    const message = kind === "changed" ? CHANGED : FORGED;
    for (const place of suspects) findings.push({ kind, ...place, message });
    suspects = [];
    unknown = 0;
  };
  /** @param gap how many lines should stand between this one and the one before it. */
  const fill = (gap: number, tell: Tell): void => {
    const missing = gap - suspects.length - unknown;
    if (missing > 0)
      tell("missing", `${counted(missing, "line")} of its chain should stand before it`);
    settle(gap > unknown ? "changed" : "forged");
  };
  const begin = ({ record }: ReadLine, seq: number, tell: Tell): void => {
    if (record["event"] !== "reopen" || suspects.length + unknown > 0) fill(seq, tell);
    else
      tell("continued", `${counted(seq, "line")} of its chain stand in a file that was not given`);
  };
  const goOn = ({ record }: ReadLine, seq: number, from: Last, tell: Tell): void => {
    fill(seq - from.seq - 1, tell);
    if (from.event === "stop") tell("order", "its chain had ended before");
    if (from.key !== record.key && from.seq + 1 === seq) {
      tell("key", "the line is sealed with another key than the one that was in force");
    }
    if (from.seq + 1 === seq && from.mac !== record.prev) {
      tell("order", "it does not follow the line before it in its chain");
    }
  };

  return {
    takeTrue(line, place, tell) {
      const { mac, record } = line;
      const { event, after, seq } = record;
      if (last !== undefined && seq <= last.seq) {
        tell("order", "it stands behind later lines of its chain, or a second time");
        return;
      }
      if (last === undefined && before.isReplaced(record.key)) {
        doubts.push({ kind: "key", ...place, message: REPLACED });
      }
      if (last === undefined) begin(line, seq, tell);
      else goOn(line, seq, last, tell);
      if (typeof after === "string" && !before.has(after)) {
        tell("missing", "the line that stood before it in its file is not there");
      }
      const key = event === "key" ? record["next"] : record.key;
      last = { file: place.file, line: place.line, seq, mac, event, key };
    },
    takeFalse: (place) => suspects.push(place),
    takeUnknown() {
      unknown += 1;
    },
    end() {
      settle(last === undefined ? "forged" : "changed");
      if (last === undefined) return { isKnown: false, findings, doubts };
      const { file, line, event } = last;
      if (event !== "stop") doubts.push({ kind: "open", file, line, message: OPEN });
      return { isKnown: true, findings, doubts };
    },
  };
}

const CHANGED = "the line is not what was written";
const FORGED = "the line was never written by a server with this key";
const REPLACED =
  "its chain begins under a key that was replaced before: its server had not taken the new one, or somebody who has the old one made it up";
const OPEN =
  "its chain has no end: the server runs, it was killed, the log goes on in another file, or the end was cut off";
