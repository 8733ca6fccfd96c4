/** Runs the built binary in a directory of its own, and never lets a marked secret out of it. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSealer, generateMasterKey, type Sealer } from "@proxmox-mcp/crypto";
import { afterAll, beforeAll, expect } from "vitest";

/** The secret in every config of these tests. */
export const SECRET = "5ecre7ab-1111-4222-8333-444444444444";

const key = generateMasterKey(randomBytes);
export const KEY: string = key.reveal();
export const KEY_ID: string = key.id ?? "";
export const OTHER_KEY: string = generateMasterKey(randomBytes).reveal();

const now = () => new Date("2026-01-31T12:00:00Z");
export const sealer: Sealer = createSealer({ key, random: randomBytes, now });

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Conditions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the binary, which chooses one of the two bundles. */
  readonly program?: "bin/proxmox-mcp-server.cjs" | "dist/health.cjs";
  readonly stdout?: number;
}

export let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-server-"));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs `proxmox-mcp-server` with nothing of this process's environment but PATH. */
export function runServer(args: readonly string[], conditions: Conditions = {}): Outcome {
  const { env = {}, program = "bin/proxmox-mcp-server.cjs", stdout = "pipe" } = conditions;
  const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
  const outcome = spawnSync(process.execPath, [path, ...args], {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    encoding: "utf8",
    stdio: ["ignore", stdout, "pipe"],
  });
  const result = {
    status: outcome.status,
    stdout: outcome.stdout ?? "",
    stderr: outcome.stderr ?? "",
  };
  expectNothingLeaks(result.stdout + result.stderr);
  return result;
}

/** Runs the health check with the right key and reads its JSON. */
export function check(
  file: string,
  {
    env = { PROXMOX_MCP_MASTER_KEY: KEY },
    args = [],
  }: { env?: Record<string, string>; args?: string[] } = {},
): HealthJson {
  const { status, stdout, stderr } = runServer(["--test", "--json", ...args, file], { env });
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as HealthJson;
  expect(report.exitStatus).toBe(status);
  expect(report.ok).toBe(status === 0);
  return report;
}

/** The part of the report that tests look at. */
export interface HealthJson {
  readonly ok: boolean;
  readonly exitStatus: number;
  readonly key: { readonly from: string; readonly id: string } | null;
  readonly checks: readonly {
    readonly name: string;
    readonly status: string;
    readonly problems: readonly Finding[];
    readonly warnings: readonly Finding[];
  }[];
  readonly secrets: readonly Readonly<Record<string, unknown>>[];
}

export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly location?: string;
  readonly line?: number;
  readonly column?: number;
  readonly hint: string | null;
}

/** `check: CODE line:column location` of every problem, in their order. */
export function problemsOf({ checks }: HealthJson): readonly string[] {
  return checks.flatMap(({ name, problems }) =>
    problems.map(({ code, line, column, location }) => {
      const place = line === undefined ? [] : [`${line}:${column}`];
      return [`${name}: ${code}`, ...place, ...(location ? [location] : [])].join(" ");
    }),
  );
}

/** Every warning, with the name of its check. */
export function warningsOf({ checks }: HealthJson): readonly string[] {
  return checks.flatMap(({ name, warnings }) => warnings.map(({ code }) => `${name}: ${code}`));
}

/** Writes a file into the directory. @returns its name. */
export function place(name: string, content: string | Uint8Array, mode = 0o600): string {
  writeFileSync(join(directory, name), content, { mode });
  return name;
}

/** Writes a config; a string is taken as it is, anything else as JSON. */
export function placeConfig(config: unknown, name = "config.json"): string {
  return place(name, typeof config === "string" ? config : JSON.stringify(config, null, 2));
}

/** A config with this value of `/auth/token_value`. */
export function configWith(token_value: unknown, more: object = {}): object {
  const auth = { user: "root@pam", token_name: "mcp", token_value };
  return { proxmox: { host: "pve.example" }, auth, ...more };
}

/** A config whose token is sealed by the right key for the right place. */
export async function sealedConfig(more: object = {}): Promise<object> {
  return configWith(await sealer.seal(SECRET, "/auth/token_value"), more);
}

/** Neither a secret nor a key, nor an encoding of them. */
export function expectNothingLeaks(output: string): void {
  const marked = [SECRET, KEY, OTHER_KEY].flatMap((text) => {
    const bytes = Buffer.from(text, "utf8");
    const raw = Buffer.from(text, "base64url");
    return [
      text,
      text.replace(/=+$/, ""),
      bytes.toString("base64"),
      bytes.toString("base64url"),
      bytes.toString("hex"),
      raw.toString("hex"),
      raw.toString("base64"),
      JSON.stringify([...bytes]),
    ];
  });
  for (const text of marked) expect(output).not.toContain(text);
}
