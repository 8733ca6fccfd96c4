/** The systemd units: what systemd itself says of them, and their commands, run under their restrictions. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { createSealer, parseMasterKey } from "@proxmox-mcp/crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandOf } from "../deploy/unit.ts";
import { expectNothingLeaks, KEY, OTHER_KEY, SECRET, sealer } from "../run-server.ts";
import { noOwnRoot, type Outcome, runInRoot, type Started, startInRoot } from "./own-root.ts";
import {
  allowedCalls,
  install,
  type Machine,
  type Sandbox,
  sandboxOf,
  systemd,
  unitOf,
} from "./systemd-sandbox.ts";

const SERVICES = ["proxmox-mcp.service", "proxmox-mcp-status.service"] as const;
const [SERVER, STATUS] = SERVICES;
const API_KEY = "example-api-key-0000";

function missing(): string | undefined {
  for (const [command, ...args] of [
    ["systemd-analyze", "--version"],
    ["/usr/bin/python3", "-c", "import seccomp"],
  ] as const) {
    if (spawnSync(command, args).status === 0) continue;
    process.stderr.write(`systemd units are not tried: ${[command, ...args].join(" ")} fails\n`);
    return `no ${command}`;
  }
  return noOwnRoot("systemd units");
}
const unable = missing();

let machine: Machine;

async function config(sections: object = {}): Promise<object> {
  return {
    // There is nothing there, but its name is looked up.
    proxmox: { host: "localhost", port: 1, retry_attempts: 0 },
    auth: {
      user: "mcp@pve",
      token_name: "mcp",
      token_value: await sealer.seal(SECRET, "/auth/token_value"),
    },
    http: {
      port: 0,
      api_keys: { example: await sealer.seal(API_KEY, "/http/api_keys/example") },
    },
    audit: { file: "/var/log/proxmox-mcp/audit.log" },
    ...sections,
  };
}

async function placeConfig(sections?: object): Promise<void> {
  const path = "etc/proxmox-mcp/config.encrypted.json";
  machine.place(path, JSON.stringify(await config(sections)), 0o640);
}

function runUnit(setting: string, { running, filter }: Sandbox, unit = unitOf(STATUS)): Outcome {
  const outcome = runInRoot([...filter, ...commandOf(unit, setting)], running);
  expectNothingLeaks(outcome.stdout + outcome.stderr);
  return outcome;
}

async function startServer(
  unit = unitOf(SERVER),
  ...more: readonly string[]
): Promise<{ server: Started; origin: string }> {
  const { running, filter } = sandboxOf(unit, SERVER, machine);
  const server = startInRoot([...filter, ...commandOf(unit, "ExecStart"), ...more], running);
  const { url } = await server.logged("serving over http");
  return { server, origin: new URL(String(url)).origin };
}

describe.skipIf(unable !== undefined)(
  `systemd units${unable === undefined ? "" : ` (skipped: ${unable})`}`,
  () => {
    beforeAll(async () => {
      machine = install();
      machine.place("etc/hosts", "127.0.0.1 localhost\n", 0o644);
      machine.place("etc/proxmox-mcp/master.key", `${KEY}\n`, 0o600);
      await placeConfig();
    });
    afterAll(() => machine && rmSync(machine.root, { recursive: true, force: true }));

    test("systemd knows every setting of the units and their drop-ins, and finds their programs", () => {
      const units = [...SERVICES, "proxmox-mcp-status.timer"];
      // It ends with 0 for settings that it does not know, too; then it says so.
      expect(systemd("systemd-analyze", "verify", `--root=${machine.root}`, ...units)).toBe("");
      const misspelt = "[Service]\nProtectHoome=yes\n";
      machine.place(`etc/systemd/system/${SERVER}.d/misspelt.conf`, misspelt, 0o644);
      const said = systemd("systemd-analyze", "verify", `--root=${machine.root}`, SERVER);
      expect(said).toContain("Unknown key 'ProtectHoome'");
      rmSync(join(machine.root, `etc/systemd/system/${SERVER}.d/misspelt.conf`));
    });

    test.each([
      [SERVER, 12],
      [STATUS, 5],
    ])("%s: exposure is at most %i tenths", (name, tenths) => {
      const args = ["--offline=true", `--root=${machine.root}`, "--no-pager", name];
      const said = systemd("systemd-analyze", "security", `--threshold=${tenths}`, ...args);
      const level = /Overall exposure level for \S+: ([\d.]+) /.exec(said)?.[1];
      process.stdout.write(`${name}: exposure ${level}\n`);
      expect(Number(level) * 10).toBeLessThanOrEqual(tenths);
    });

    test("the directory of configs is root's, and the service reads it", () => {
      const { uid, gid, mode } = statSync(join(machine.root, "etc/proxmox-mcp"));
      expect([uid, gid, mode & 0o777]).toEqual([0, machine.user, 0o750]);
    });

    test("the filter lets no call through that changes users, mounts, clocks or modules", () => {
      const lists = unitOf(SERVER).get("Service")?.get("SystemCallFilter") ?? [];
      const allowed = allowedCalls(lists);
      expect(allowed).toEqual(expect.arrayContaining(["read", "execve", "epoll_wait", "futex"]));
      const forbidden = [
        "setuid",
        "chown",
        "mount",
        "ptrace",
        "init_module",
        "settimeofday",
        "bpf",
      ];
      expect(forbidden.filter((call) => allowed.includes(call))).toEqual([]);
    });

    test("the filter is in force where the commands below run", () => {
      const { running, filter } = sandboxOf(unitOf(SERVER), SERVER, machine);
      const attempt = (code: string) =>
        runInRoot([...filter, "/usr/bin/python3", "-c", code], running).stderr.trim();
      expect(attempt("import os; os.chown('/', -1, -1)")).toMatch(/PermissionError/);
      expect(attempt("import socket; socket.socket(socket.AF_NETLINK, 2)")).toMatch(/Errno 97/);
      expect(attempt("import os; os.mkdir('/x')")).toMatch(/Read-only/);
      expect(attempt("open('/etc/proxmox-mcp/master.key')")).toMatch(/PermissionError/);
    });

    test("the server serves with the credential, reloads by ExecReload, and ends by SIGTERM", async () => {
      const { server, origin } = await startServer();
      const keys = async () => (await (await fetch(`${origin}/readyz`)).json()) as object;
      expect(await keys()).toMatchObject({ status: "ready", config: { reload_failures: 0 } });
      const [kill = "", ...args] = commandOf(unitOf(SERVER), "ExecReload");
      const pid = String(server.process.pid);
      const reload = () =>
        spawnSync(kill, [...args.map((word) => word.replace("$MAINPID", pid))]).status;
      // The log that was moved away is left alone from then on.
      const log = join(machine.root, "var/log/proxmox-mcp/audit.log");
      renameSync(log, `${log}.1`);
      expect(reload()).toBe(0);
      await server.logged("the new config is in force");
      const answer = await (await fetch(`${origin}/api/mcp`, callOf("get_nodes"))).text();
      expect(answer).toContain("cannot reach localhost:1: the connection was refused");
      expect(readFileSync(log, "utf8")).toContain("get_nodes");
      server.process.kill("SIGTERM");
      expect(await server.ended).toBe(0);
      expectNothingLeaks(server.output());
    });

    test("a changed config is taken without a reload, a new key only by a restart", async () => {
      const { server, origin } = await startServer();
      await placeConfig({ policy: { mode: "operate" } });
      await server.logged("the new config is in force");
      // What systemd gave at the start stays as it was.
      machine.place("etc/proxmox-mcp/master.key", `${OTHER_KEY}\n`, 0o600);
      server.process.kill("SIGHUP");
      await server.logged("the new config is in force");
      expect((await fetch(`${origin}/readyz`)).status).toBe(200);
      machine.place("etc/proxmox-mcp/master.key", `${KEY}\n`, 0o600);
    });

    test("calls of tools work under the filter, against the simulated cluster", async () => {
      const { server, origin } = await startServer(unitOf(SERVER), "--test-mode");
      const answer = await (await fetch(`${origin}/api/mcp`, callOf("get_vms"))).text();
      expect(answer).toContain("database");
      server.process.kill("SIGTERM");
      expect(await server.ended).toBe(0);
    });

    test("with EnvironmentFile= the key is a variable, and there is no credential", async () => {
      machine.place("etc/proxmox-mcp/environment", `PROXMOX_MCP_MASTER_KEY=${KEY}\n`, 0o600);
      const unit = unitOf(SERVER, "environment-file.conf");
      expect(sandboxOf(unit, SERVER, machine).running.env).not.toHaveProperty(
        "CREDENTIALS_DIRECTORY",
      );
      const { server, origin } = await startServer(unit);
      expect((await fetch(`${origin}/readyz`)).status).toBe(200);
      server.process.kill("SIGTERM");
      expect(await server.ended).toBe(0);
    });

    test("the check finds nothing, then a token older than a year, then a secret in plain text", async () => {
      const sandbox = sandboxOf(unitOf(STATUS), STATUS, machine);
      await placeAged(364);
      expect(runUnit("ExecStart", sandbox)).toMatchObject({ status: 0, stderr: "No findings.\n" });
      await placeAged(366);
      expect(runUnit("ExecStart", sandbox)).toMatchObject({ status: 7 });
      await placeAged(1);
      machine.place("etc/proxmox-mcp/plain.json", PLAIN, 0o640);
      const { status, stderr } = runUnit("ExecStart", sandbox);
      expect([status, stderr]).toEqual([7, expect.stringContaining("in plain text: encrypt it")]);
      rmSync(join(machine.root, "etc/proxmox-mcp/plain.json"));
    });

    test("the drop-in writes metrics for a collector, wholly or not at all", async () => {
      await placeAged(1);
      const unit = unitOf(STATUS, "prometheus.conf");
      const sandbox = sandboxOf(unit, STATUS, machine);
      const directory = join(machine.root, "var/lib/prometheus/node-exporter");
      spawnSync("chown", [String(machine.user), directory]);
      for (const _ of ["first", "again"]) {
        expect(runUnit("ExecStartPre", sandbox, unit)).toMatchObject({ status: 0, stderr: "" });
        const file = join(directory, "proxmox-mcp.prom");
        expect(existsSync(file) && statSync(file).mode & 0o777).toBe(0o644);
        expect(readFileSync(file, "utf8")).toMatch(/^# HELP proxmox_mcp_/m);
      }
    });
  },
);

const PLAIN = JSON.stringify({
  proxmox: { host: "pve.example" },
  auth: { user: "mcp@pve", token_name: "mcp", token_value: "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee" },
});

/** A config whose one token was sealed so many days ago. */
async function placeAged(days: number): Promise<void> {
  const key = parseMasterKey(KEY);
  const now = () => new Date(Date.now() - days * 86_400_000);
  const { seal } = createSealer({ key, random: randomBytes, now });
  const token_value = await seal(SECRET, "/auth/token_value");
  await placeConfig({ auth: { user: "mcp@pve", token_name: "mcp", token_value }, http: {} });
}

function callOf(name: string): RequestInit {
  return {
    method: "POST",
    headers: {
      authorization: `Bearer ${API_KEY}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name } }),
  };
}
