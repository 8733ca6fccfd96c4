// Everything that CI checks, in one run. Tests are counted from the runners' reports and every other
// check as one; the last line is the sum. Uses nothing but Node, because nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NOT_RUN = 75;
const LIMIT_MS = 15 * 60_000;
const root = fileURLToPath(new URL("..", import.meta.url));
const total = { passed: 0, failed: 0, skipped: 0 };
const problems = [];

/** Runs a command of the checkout and returns its exit code. */
function run(title, command, ...args) {
  console.log(`\n=== ${title}`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    timeout: LIMIT_MS,
  });
  if (error) console.log(error.message);
  return status ?? 1;
}

function check(title, command, ...args) {
  const code = run(title, command, ...args);
  const outcome = code === 0 ? "passed" : code === NOT_RUN ? "skipped" : "failed";
  total[outcome] += 1;
  if (outcome !== "passed") problems.push(`${title}: ${outcome}`);
}

/** Runs suites and adds what their reports say; a suite without a report, or without a test, failed. */
function suites(title, reports, command, ...args) {
  for (const report of reports) rmSync(`${root}${report}`, { force: true });
  const code = run(title, command, ...args);
  const before = total.failed;
  for (const report of reports) {
    const counts = readReport(report);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    if (counts.failed > 0) problems.push(`${title}: ${report}: ${counts.failed} failed`);
    if (counts.passed + counts.failed === 0) fail(`${title}: ${report}: no test ran`);
  }
  if (code !== 0 && total.failed === before) fail(`${title}: exit ${code}`);
}

function fail(problem) {
  total.failed += 1;
  problems.push(problem);
}

function readReport(report) {
  if (!existsSync(`${root}${report}`)) return { passed: 0, failed: 0, skipped: 0 };
  const json = JSON.parse(readFileSync(`${root}${report}`, "utf8"));
  return {
    passed: json.numPassedTests,
    failed: json.numFailedTests,
    skipped: json.numPendingTests + json.numTodoTests,
  };
}

/** The reports of every package that has a script of this name. */
function reportsOf(script, file) {
  return readdirSync(`${root}packages`)
    .map((name) => `packages/${name}`)
    .filter((path) => {
      const manifest = JSON.parse(readFileSync(`${root}${path}/package.json`, "utf8"));
      return script in manifest.scripts;
    })
    .map((path) => `${path}/reports/${file}.json`);
}

const pnpm = ["node", "scripts/pnpm.mjs"];

suites("npm test", reportsOf("test", "unit"), "npm", "test");
check("Lock file is up to date", ...pnpm, "install", "--frozen-lockfile");
check("Lint and format", ...pnpm, "run", "lint", "--colors=off");
check("Types", ...pnpm, "run", "typecheck");
check("Packages", ...pnpm, "run", "check:packages");
check("Unused files, exports and dependencies", ...pnpm, "run", "unused");
check("Licences, install scripts, download hosts", ...pnpm, "run", "check:dependencies");
check("Dependency audit", ...pnpm, "run", "audit:all");
check("Debian packages for the extended suites", "bash", ".ci/debian-packages");
check(
  "Shell scripts",
  "shellcheck",
  ".ci/run",
  ".ci/debian-packages",
  "scripts/release-propose.sh",
);
suites("Extended suites", reportsOf("test:extended", "extended"), ...pnpm, "run", "test:extended");
suites(
  "Faults, a sample of them",
  ["packages/cli/reports/faults.json"],
  ...pnpm,
  "run",
  "test:faults",
);
suites(
  "Other Node versions",
  [...reportsOf("test", "node-22"), ...reportsOf("test", "node-24")],
  ...pnpm,
  "run",
  "test:matrix",
);

console.log(problems.length > 0 ? `\n${problems.join("\n")}\n` : "");
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
