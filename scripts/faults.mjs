// The full fault sweep; or a shard of it, since it takes hours:
//   npm run faults
//   npm run faults -- --shard 3/12
// The shards 1/12 to 12/12 together try every point once. Other arguments go to vitest.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const argv = process.argv.slice(2);
const env = { ...process.env };
// vitest has a flag of this name, which divides files. Here each of them is divided.
const at = argv.findIndex((argument) => /^--shard(=|$)/.test(argument));
if (at >= 0) {
  const [flag = ""] = argv.splice(at, 1);
  env.PROXMOX_MCP_FAULTS_SHARD = flag.includes("=")
    ? flag.slice("--shard=".length)
    : (argv.splice(at, 1)[0] ?? "none");
}
const pnpm = fileURLToPath(new URL("pnpm.mjs", import.meta.url));
const sweep = [pnpm, "run", "test:faults", "--mode", "full", ...argv];
const { status, error } = spawnSync(process.execPath, sweep, { env, stdio: "inherit" });
if (error) throw error;
process.exitCode = status ?? 1;
