// Runs pnpm in the version that package.json names, so that Node and npm are all a newcomer needs.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const root = new URL("..", import.meta.url);
const { packageManager } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const { status, error } = spawnSync("npx", ["--yes", packageManager, ...process.argv.slice(2)], {
  cwd: root,
  env: {
    ...process.env,
    TURBO_NO_UPDATE_NOTIFIER: "1",
    TURBO_TELEMETRY_DISABLED: "1",
  },
  stdio: "inherit",
  shell: process.platform === "win32",
});
if (error) throw error;
process.exitCode = status ?? 1;
