/** Runs the built binary against servers of the test process, which goes on answering meanwhile. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from "../../src/simulator/simulator.ts";
import { directory, expectNothingLeaks, type Outcome, placeConfig } from "../run-server.ts";

const BINARY = fileURLToPath(new URL("../../bin/proxmox-mcp-server.cjs", import.meta.url));

/** Secrets of example tokens, in configs of these tests. */
export const SECRETS = {
  example: "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee",
  bob: "44444444-4444-4444-4444-444444444444",
  bare: "66666666-6666-6666-6666-666666666666",
  auditor: "11111111-1111-1111-1111-111111111111",
  wrong: "99999999-9999-9999-9999-999999999999",
  password: "example-password",
} as const;

/** Runs `proxmox-mcp-server`, which may take its time, and looks that no secret gets out. */
export async function runOnline(args: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [BINARY, ...args], {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const status = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const outcome = { status: await status, stdout, stderr };
  expectNothingLeaks(stdout + stderr);
  for (const secret of Object.values(SECRETS)) expect(stdout + stderr).not.toContain(secret);
  expect(stdout + stderr).not.toMatch(/\n\s+at /);
  return outcome;
}

/** Runs it with `--json` and reads that. */
export async function runJson<Shape>(
  args: readonly string[],
): Promise<{ readonly report: Shape; readonly status: number | null }> {
  const { status, stdout, stderr } = await runOnline([...args, "--json"]);
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as Shape & { readonly exitStatus: number; ok: boolean };
  expect(report.exitStatus).toBe(status);
  expect(report.ok).toBe(status === 0);
  return { report, status };
}

/** Starts a simulated cluster that ends with the test, and refuses without delay. */
export async function simulated(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ delays: { unauthorized: 0 }, ...options });
  onTestFinished(() => simulator.stop());
  return simulator;
}

/** A config for a host on loopback. */
export function configFor(
  { port, fingerprint }: { readonly port: number; readonly fingerprint?: string },
  { proxmox = {}, auth = {}, ...more }: Partial<Record<"proxmox" | "auth" | "policy", object>> = {},
): string {
  const token = { user: "mcp@pve", token_name: "example", token_value: SECRETS.example };
  return placeConfig({
    proxmox: { host: "127.0.0.1", port, ...(fingerprint && { fingerprint }), ...proxmox },
    auth: "password" in auth ? auth : { ...token, ...auth },
    ...more,
  });
}
