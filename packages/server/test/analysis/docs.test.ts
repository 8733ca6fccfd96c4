/**
 * docs/analyses.md is made of the rules. After a change of one:
 * `npx vitest run test/analysis/docs.test.ts --update`, and look at the difference.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { CATALOGUE, type RuleCard } from "../../src/analysis/catalogue.ts";
import { SEVERITIES, type Threshold } from "../../src/analysis/rule.ts";
import { TOOLS } from "../../src/tools/index.ts";

const PAGE = join(import.meta.dirname, "../../../../docs/analyses.md");

const INTRODUCTION = `# The four analyses

Four tools judge live data by fixed rules: the same cluster gives the same findings. The rules run in
the server, and nothing is sent to anybody else.

A finding names its rule, its severity (\`critical\`: something fails or stands open now; \`warning\`: it
soon will; \`info\`: it could be better), its subject, the measured values with their units, the
threshold, and a remedy. Commands in remedies are for a shell of root on a Proxmox node; a word in
braces is filled in by the finding, a word in capitals is yours to choose. A finding is measured at
one moment, unless its rule says otherwise.

Findings are sorted by severity, rule and subject. An answer holds 200 of them at most; \`omitted\`
counts the rest by rule. What could not be looked at stands in \`not_checked\`, with the reason, the
rules that it touches and the missing privilege: no finding of a rule means that all is well only
where the rule is not named there. All rules need \`Sys.Audit\` on \`/\` and \`/access\`, \`VM.Audit\` on
\`/vms\` and \`Datastore.Audit\` on \`/storage\`, and the one about a silent guest agent
\`VM.GuestAgent.Audit\` on \`/vms\` (\`VM.Monitor\` before Proxmox VE 9): the role PVEAuditor on \`/\` has
all of them but the last in the older releases.

Not looked at, on purpose: firewall settings of single guests (a call for each guest), and the load of
more than 50 guests over a day.

This page is made of the rules by \`packages/server/test/analysis/docs.test.ts\`.
`;

function section(tool: string, rules: readonly RuleCard[]): string {
  const title = TOOLS.find(({ name }) => name === tool)?.title ?? "";
  const rows = rules
    .toSorted(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.id < b.id ? -1 : 1),
    )
    .map(
      ({ id, title: what, threshold, severity, remedy }) =>
        `| \`${id}\` | ${what} | ${thresholdText(threshold)} | ${severity} | ${cell(remedy)} |`,
    );
  return `## ${title}: \`${tool}\`

| rule | what it finds | threshold | severity | remedy |
|---|---|---|---|---|
${rows.join("\n")}
`;
}

function thresholdText(threshold: Threshold | null): string {
  if (threshold === null) return "";
  return Object.entries(threshold)
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`)
    .join("; ");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

test("docs/analyses.md has every rule of every analysis", async () => {
  const sections = Object.entries(CATALOGUE).map(([tool, rules]) => section(tool, rules));
  await expect([INTRODUCTION, ...sections].join("\n")).toMatchFileSnapshot(PAGE);
});
