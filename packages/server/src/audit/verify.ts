/** Whether audit logs hold what was written, all of it, in its order. */
import type { AuditKey } from "./audit-key.ts";
import { type Chain, createChain } from "./chain.ts";
import type { Finding, FindingKind, Verdict } from "./finding.ts";
import type { ReadLine } from "./line.ts";
import { piecesOf } from "./line-pieces.ts";
import type { FileLine } from "./read-lines.ts";
import { createSuccession } from "./succession.ts";

/** Macs that a chain may say it began after. Few lines come between reading the last one and writing. */
const REMEMBERED = 10_000;

/** What the server says of itself is no sign of a change. */
const NOTES: ReadonlySet<FindingKind> = new Set(["continued", "lost"]);

/** What lines are judged by. */
export interface VerifyOptions {
  /** By the id of their master key. */
  readonly keys: ReadonlyMap<string, AuditKey>;
  /** Whether what may be as it should be while servers run is a finding: for servers that have ended. */
  readonly wantsEnds: boolean;
}

/** Takes the lines of all files, in their order. */
export interface Verifier {
  take(line: FileLine): void;
  verdict(files: readonly string[]): Verdict;
}

export function createVerifier({ keys, wantsEnds }: VerifyOptions): Verifier {
  const findings: Finding[] = [];
  const notes: Finding[] = [];
  const chains = new Map<string, Chain>();
  const macs = new Set<string>();
  const missingKeys = new Set<string>();
  const succession = createSuccession();
  const before = { has: (mac: string) => macs.has(mac), isReplaced: succession.isReplaced };
  let lines = 0;

  const chainOf = ({ record }: ReadLine): Chain => {
    const chain = chains.get(record.chain) ?? createChain(before);
    chains.set(record.chain, chain);
    return chain;
  };
  const judge = (read: ReadLine, { file, number: line }: FileLine): void => {
    const tell = (kind: FindingKind, message: string): void => {
      (NOTES.has(kind) ? notes : findings).push({ kind, file, line, message });
    };
    if (read.mac === null) {
      tell("unsealed", "the line is not sealed");
      return;
    }
    const id = read.record.key ?? "";
    const key = keys.get(id);
    if (key === undefined) {
      chainOf(read).takeUnknown();
      // Once for each file: usually it is every line from there on.
      const isNews = !missingKeys.has(`${id} ${file}`);
      missingKeys.add(`${id} ${file}`);
      if (isNews)
        tell("key", `lines from here on are sealed with ${named(id)}, which is not at hand`);
    } else if (read.isSealedBy(key)) {
      lines += 1;
      chainOf(read).takeTrue(read, { file, line }, tell);
      succession.take(read.record);
      const { lost } = read.record;
      if (typeof lost === "number") tell("lost", `${lost} calls before it have no line`);
    } else {
      // What it says of its chain may be wrong, too; then that chain lacks a line.
      chainOf(read).takeFalse({ file, line });
    }
    macs.add(read.mac);
    const [oldest] = macs;
    if (macs.size > REMEMBERED && oldest !== undefined) macs.delete(oldest);
  };

  return {
    take(line) {
      const { file, number } = line;
      const { whole, faults } = piecesOf(line);
      findings.push(...faults.map((fault) => ({ ...fault, file, line: number })));
      if (whole !== undefined) judge(whole, line);
    },
    verdict(files) {
      const ended = [...chains.values()].map((chain) => chain.end());
      const doubts = ended.flatMap((end) => end.doubts);
      const all = [...findings, ...ended.flatMap((end) => end.findings)];
      return {
        files,
        lines,
        chains: ended.filter(({ isKnown }) => isKnown).length,
        findings: inOrder(files, wantsEnds ? [...all, ...doubts] : all),
        notes: inOrder(files, wantsEnds ? notes : [...notes, ...doubts]),
      };
    },
  };
}

// What stands in a log may be anything.
function named(id: string): string {
  return /^[0-9a-f]{8}$/.test(id) ? `the key ${id}` : "a key without an id";
}

function inOrder(files: readonly string[], findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line,
  );
}
