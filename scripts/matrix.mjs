// Runs the suites of every package on the other Node versions that we support, after a build.
// The binaries come out of the npm package `node`, so that no version manager is needed.
import { execFileSync, spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const VERSIONS = ["22.23.3", "24.21.0"];
const PACKAGES = ["crypto", "cli", "server"];
// Suites that start hundreds of processes to see words and orders that no Node version changes. They run
// on the version that develops; commands, files, and the life of the server are tested on all of them.
const ONCE_IS_ENOUGH = {
  cli: [
    "test/{automation,docs,errors,package,render,rotation,sinks}/**",
    "test/commands/retire-key.test.ts",
    "test/{hostile-text,own-repository,pre-commit,sentinel}.test.ts",
  ],
  server: [
    "test/{analysis,deploy,docs,health-online,kubernetes,operations,policy,proofs,simulator,tools}/**",
    "test/audit/tampering.test.ts",
  ],
};
// pnpm hands its settings on as npm's, and npm warns of each that it does not know.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("npm_config_")),
);
const root = fileURLToPath(new URL("..", import.meta.url));

for (const version of VERSIONS) {
  const node = execFileSync(
    "npx",
    ["--yes", "--package", `node@${version}`, "--call", 'node -p "process.execPath"'],
    { encoding: "utf8", env, stdio: ["ignore", "pipe", "inherit"] },
  ).trim();
  const [major] = version.split(".");
  for (const name of PACKAGES) {
    console.log(`\n${name} on Node ${version}`);
    const { status } = spawnSync(
      node,
      [
        join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        `--outputFile.json=reports/node-${major}.json`,
        ...(ONCE_IS_ENOUGH[name] ?? []).flatMap((pattern) => ["--exclude", pattern]),
      ],
      {
        cwd: join(root, "packages", name),
        env: { ...env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
        stdio: "inherit",
      },
    );
    if (status !== 0) process.exitCode = 1;
  }
}
