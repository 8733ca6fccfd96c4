import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type HealthJson, problemsOf, warningsOf } from "../run-server.ts";
import { configFor, runJson, runOnline, SECRETS, simulated } from "./run-online.ts";

const namesAndStates = ({ checks }: HealthJson) =>
  checks.map(({ name, status }) => `${name} ${status}`);

test("the online checks follow the offline ones", async () => {
  const { port, fingerprint } = await simulated();
  const { status, stdout, stderr } = await runOnline([
    "--test",
    "--online",
    configFor({ port, fingerprint }),
  ]);
  expect(stdout.split("\n").map((line) => line.replace(/\d+ ms/, "N ms"))).toEqual([
    "ok       file         config.json",
    "ok       syntax       JSON",
    "ok       variables    none asked for",
    "ok       key          none needed",
    "warning  secrets      0 opened, 1 plain",
    expect.stringContaining("warning[PLAIN_SECRET]"),
    "ok       schema       complete",
    "ok       modes        as tight as they must be",
    expect.stringMatching(
      /^ok {7}connection {3}127\.0\.0\.1, TLSv1\.3, certificate "simulated Proxmox VE" until .*, self-signed, verified by its fingerprint$/,
    ),
    "ok       version      Proxmox VE 9.2.11 for mcp@pve!example in N ms",
    expect.stringMatching(/^ok {7}permissions {2}all \d+ that the enabled tools need$/),
    "Healthy: the server would start, and Proxmox gives it what it needs.",
    "",
  ]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("nothing is asked if the server would not start", async () => {
  const { port, fingerprint } = await simulated();
  const config = configFor({ port, fingerprint }, { proxmox: { port: "none" } });
  const { report, status } = await runJson<HealthJson>(["--test", "--online", config]);
  expect(status).toBe(5);
  expect(namesAndStates(report).slice(-3)).toEqual([
    "connection skipped",
    "version skipped",
    "permissions skipped",
  ]);
  const { stdout } = await runOnline(["--test", "--online", config]);
  expect(stdout).toMatch(/The server would not start\.\n$/);
});

test("nothing is asked if there is anything wrong with the key", async () => {
  const { port, fingerprint } = await simulated();
  const config = configFor({ port, fingerprint });
  const { report, status } = await runJson<HealthJson>([
    "--test",
    "--online",
    "--key-file",
    "missing.key",
    config,
  ]);
  expect(namesAndStates(report)).toContain("key failed");
  expect(namesAndStates(report)).toContain("connection skipped");
  expect(status).toBe(3);
});

test("a failed check leaves out those after it", async () => {
  const { port } = await simulated();
  const { report, status } = await runJson<HealthJson>(["--test", "--online", configFor({ port })]);
  expect(problemsOf(report)).toEqual(["connection: PROXMOX_TLS"]);
  expect(namesAndStates(report).slice(-2)).toEqual(["version skipped", "permissions skipped"]);
  expect(status).toBe(11);
});

test("a token that is not accepted fails the version, and one without rights the permissions", async () => {
  const { port, fingerprint } = await simulated();
  const wrong = configFor({ port, fingerprint }, { auth: { token_value: SECRETS.wrong } });
  const refused = await runJson<HealthJson>(["--test", "--online", wrong]);
  expect(problemsOf(refused.report)).toEqual(["version: PROXMOX_UNAUTHORIZED"]);
  expect(refused.status).toBe(12);
  const auth = { token_name: "bare", token_value: SECRETS.bare };
  const config = configFor({ port, fingerprint }, { auth });
  const powerless = await runJson<HealthJson>(["--test", "--online", config]);
  expect(problemsOf(powerless.report)).toEqual(["permissions: PROXMOX_FORBIDDEN"]);
  expect(powerless.status).toBe(12);
});

test("verification that is switched off is a warning", async () => {
  const { port } = await simulated();
  const config = configFor({ port }, { proxmox: { verify_ssl: false } });
  const { report, status } = await runJson<HealthJson>(["--test", "--online", config]);
  expect(warningsOf(report)).toEqual(["secrets: PLAIN_SECRET", "connection: TLS_UNVERIFIED"]);
  expect(status).toBe(0);
});

test("--test-mode asks the simulated cluster, whatever host the config names", async () => {
  const config = configFor({ port: 8006 }, { proxmox: { host: "pve.invalid" } });
  const { stdout, status } = await runOnline(["--test", "--online", "--test-mode", config]);
  expect(stdout).toMatch(/^ok {7}version +Proxmox VE 9\.2\.11 for mcp@pve!example in /m);
  expect(status).toBe(0);
});

test("without --online nothing is asked", async () => {
  const { stdout, status } = await runOnline(["--test", configFor({ port: 1 })]);
  expect(stdout).toMatch(/Healthy: the server would start\.\n$/);
  expect(status).toBe(0);
});

test("--debug tells where a problem came from, on stderr", async () => {
  const { port } = await simulated();
  const { stdout, stderr } = await runOnline([
    "--test",
    "--online",
    "--debug",
    configFor({ port }),
  ]);
  expect(stdout).not.toContain("    at ");
  expect(stderr).toContain("PROXMOX_TLS");
  expect(stderr).toContain("stack");
});

test("the offline program holds nothing of the client", () => {
  const dist = new URL("../../dist/", import.meta.url);
  const starter = readFileSync(new URL("health-program.cjs", dist), "utf8");
  const [, code] = /"(health-program\.[0-9a-f]{16})"/.exec(starter) ?? [];
  const file = code === undefined ? "health-program.cjs" : `${code}.code.cjs`;
  const text = readFileSync(new URL(file, dist), "utf8");
  expect(text).toContain("The server would not start.");
  for (const foreign of ["UND_ERR_", "ZodError", "PVEAPIToken", "pveum role add"]) {
    expect(text).not.toContain(foreign);
  }
});
