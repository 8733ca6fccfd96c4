// Asks the registry for known holes in everything that the lock file names: bundled packages are
// devDependencies, so the audit leaves nothing out. Exit 1: one of high severity. Exit 75: no answer.
import { spawnSync } from "node:child_process";

const { stdout, stderr } = spawnSync("pnpm", ["audit", "--json", "--audit-level", "high"], {
  encoding: "utf8",
});
const answer = parse(stdout);
if (!answer?.metadata) {
  const reason = answer?.error?.message ?? (stdout + stderr).trim();
  console.log(`AUDIT NOT RUN: ${reason.replaceAll(/\s+/g, " ")}`);
  process.exitCode = 75;
} else {
  const { vulnerabilities } = answer.metadata;
  for (const { module_name, severity, title, url } of Object.values(answer.advisories ?? {})) {
    console.log(`${severity}: ${module_name}: ${title} (${url})`);
  }
  console.log(`Known holes by severity: ${JSON.stringify(vulnerabilities)}`);
  if (vulnerabilities.high + vulnerabilities.critical > 0) process.exitCode = 1;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
