/** The public conformance suite of the protocol, against our own HTTP: what each revision requires. */
import { describe, expect, test } from "vitest";
import { type Kind, startTestServer } from "../conformance/server.ts";
import { scratch } from "../scratch.ts";
import { fromNpm } from "./from-npm.ts";

const { unreachable, node, run } = await fromNpm(
  "@modelcontextprotocol/conformance@0.2.0-alpha.12",
);

interface Scenario {
  readonly name: string;
  /** Checks. */
  readonly passed: number;
  /** Checks. */
  readonly failed: number;
  /** Whether the revision requires it. */
  readonly isScored: boolean;
}

interface Report {
  readonly status: number | null;
  readonly scored: readonly Scenario[];
  readonly notScored: readonly Scenario[];
}

const RAN = /^[✓✗] (\S+): (\d+) passed, (\d+) failed$/gmu;
const NOT_SCORED = /^ {2}[✓✗] (\S+) \(\S+\)$/gmu;

/** Runs what a revision requires, and says in the log what came of it. */
async function conformance(revision: string, kind: Kind): Promise<Report> {
  const { url } = await startTestServer(kind);
  const call = `conformance server --url ${url} --requirements ${revision}`;
  const { status, stdout, stderr } = await run(call, scratch());
  const notScored = new Set([...stdout.matchAll(NOT_SCORED)].map(([, name]) => name));
  const scenarios = [...stdout.matchAll(RAN)].map(
    ([, name = "", passed, failed]): Scenario => ({
      name,
      passed: Number(passed),
      failed: Number(failed),
      isScored: !notScored.has(name),
    }),
  );
  expect(scenarios, stderr).not.toEqual([]);
  const report = {
    status,
    scored: scenarios.filter(({ isScored }) => isScored),
    notScored: scenarios.filter(({ isScored }) => !isScored),
  };
  process.stdout.write(`${revision}, ${kind}: ${summary(report)}\n`);
  return report;
}

function summary({ scored, notScored }: Report): string {
  const failed = namesOf(scored, isFailed);
  const sum = (checks: readonly number[]) => checks.reduce((all, some) => all + some, 0);
  const checks = sum(scored.map((scenario) => scenario.passed));
  const passedToo = notScored.length - namesOf(notScored, isFailed).length;
  return [
    `${scored.length + notScored.length} scenarios run, ${scored.length} scored`,
    `${scored.length - failed.length} passed (${checks} checks), ${failed.length} failed`,
    `of ${notScored.length} that are not scored ${passedToo} passed`,
  ].join("; ");
}

const isFailed = ({ failed }: Scenario): boolean => failed > 0;
const isEmpty = ({ passed }: Scenario): boolean => passed === 0;

function namesOf(
  scenarios: readonly Scenario[],
  which: (scenario: Scenario) => boolean,
): readonly string[] {
  return scenarios.filter(which).map(({ name }) => name);
}

describe.skipIf(unreachable !== undefined)(
  `the conformance suite${unreachable === undefined ? "" : ` (skipped: ${unreachable})`}`,
  () => {
    test("comes with the Node that it needs", () => {
      expect(node.status, node.stderr).toBe(0);
      expect(node.stdout.trim()).toBe("v22.23.3");
    });

    // The numbers are those of the version above: a suite that asks less proves less.
    test.each([
      ["2025-11-25", "sessions", 30],
      ["2026-07-28", "fixtures", 37],
    ] as const)("%s: every scored scenario passes (%s)", async (revision, kind, least) => {
      const { status, scored } = await conformance(revision, kind);
      expect(namesOf(scored, isFailed)).toEqual([]);
      expect(namesOf(scored, isEmpty)).toEqual([]);
      expect(status).toBe(0);
      expect(scored.length).toBeGreaterThanOrEqual(least);
    });

    test("2025-11-25 without sessions: all but what has to ask the client in a call", async () => {
      const { scored } = await conformance("2025-11-25", "fixtures");
      expect(namesOf(scored, isFailed)).toEqual([
        "tools-call-sampling",
        "tools-call-elicitation",
        "elicitation-sep1034-defaults",
        "elicitation-sep1330-enums",
      ]);
    });

    test.each([
      ["2025-11-25", ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"]],
      [
        "2026-07-28",
        [
          "tools-list",
          "server-sse-multiple-streams",
          "sep-2164-resource-not-found",
          "dns-rebinding-protection",
          "input-required-result-unsupported-methods",
          "http-header-validation",
        ],
      ],
    ])("%s: the server as it is passes what needs no fixture", async (revision, needed) => {
      const { scored, notScored } = await conformance(revision, "product");
      const passed = namesOf(
        [...scored, ...notScored],
        (scenario) => !isFailed(scenario) && !isEmpty(scenario),
      );
      expect(passed).toEqual(expect.arrayContaining(needed));
    });
  },
);
