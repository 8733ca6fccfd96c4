/** The audit log of real servers: processes, files, signals. */
import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configWith, KEY, KEY_ID, OTHER_KEY, runServer, SECRET, sealer } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { type Serving, startServing } from "../serve/serving.ts";
import { recordsOf } from "./audited.ts";

const POLICY = { mode: "full", exec: { allow: ["**"] } };

interface Audited {
  readonly cwd: string;
  readonly file: string;
  /** Starts a server with the simulated cluster. */
  start(): Promise<Serving>;
  /** Verifies files with the keys of the key file. */
  verify(...args: readonly string[]): { readonly status: number | null; readonly stdout: string };
}

async function lay(audit: object = {}): Promise<Audited> {
  const cwd = scratch();
  const file = join(cwd, "audit.log");
  const token = await sealer.seal(SECRET, "/auth/token_value");
  const config = configWith(token, { audit: { file: "audit.log", ...audit }, policy: POLICY });
  writeFileSync(join(cwd, "config.json"), JSON.stringify(config), { mode: 0o600 });
  writeFileSync(join(cwd, "key"), `${KEY}\n`, { mode: 0o600 });
  const args = ["--test-mode", "--key-file", "key", "config.json"];
  const key = join(cwd, "key");
  return {
    cwd,
    file,
    start: () => startServing(args, { cwd, env: {} }),
    verify: (...files) => runServer(["audit", "verify", "--key-file", key, ...files]),
  };
}

async function callTool(server: Serving, name: string, args: object = {}) {
  const { result } = await server.request("tools/call", { name, arguments: args });
  return result;
}

async function end(server: Serving): Promise<void> {
  server.process.stdin.end();
  expect(await server.ended).toBe(0);
}

const events = (file: string) => recordsOf(file).map(({ event }) => event);

test("a server records its calls, and its log is whole when it has ended", async () => {
  const { file, start, verify } = await lay();
  const server = await start();
  await callTool(server, "get_vms");
  await callTool(server, "reboot_vm", { vmid: 100 });
  await callTool(server, "get_vm_status", { vmid: 999 });
  await end(server);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const told = recordsOf(file).map(({ event, tool, outcome }) =>
    [event, tool, outcome].filter((part) => part !== undefined).join(" "),
  );
  expect(told).toEqual([
    "start",
    "end get_vms ok",
    "begin reboot_vm",
    "end reboot_vm ok",
    "end get_vm_status GUEST_NOT_FOUND",
    "stop",
  ]);
  const reboot = recordsOf(file)[3];
  expect(reboot).toMatchObject({
    transport: "stdio",
    client: null,
    effect: "interrupt",
    target: expect.stringContaining("qemu/100"),
    arguments: { vmid: 100 },
    upids: [expect.stringMatching(/^UPID:/)],
    key: KEY_ID,
  });
  expect(verify("--ended", file)).toMatchObject({
    status: 0,
    stdout: `whole: ${file}, 6 lines in 1 chain\n`,
  });
});

test("no secret of a call gets into a line", async () => {
  const { file, start } = await lay();
  const server = await start();
  const marked = "Example-hunter2-0000";
  const command = `mysql --password=${marked}`;
  await callTool(server, "execute_vm_command", { node: "pve1", vmid: 100, command });
  const container = {
    node: "pve1",
    vmid: 4711,
    hostname: "example",
    template: "local:vztmpl/debian-13.tar.zst",
    storage: "local-lvm",
    disk_gib: 8,
    ssh_public_keys: [`ssh-ed25519 ${"A".repeat(68)} ${marked}`],
    description: marked,
  };
  await callTool(server, "create_container", container);
  await callTool(server, "create_container", { ...container, password: marked });
  await callTool(server, "get_vms", { name: marked, unknown_argument: marked });
  await end(server);
  const begun = recordsOf(file).filter(({ event }) => event === "begin");
  expect(begun.map(({ tool }) => tool)).toEqual(["execute_vm_command", "create_container"]);
  const text = readFileSync(file, "utf8");
  expect(text).not.toContain(marked);
  expect(text).not.toContain("mysql");
});

test("a server that was killed leaves a chain without end, and the next one goes on after it", async () => {
  const { file, start, verify } = await lay();
  const first = await start();
  await callTool(first, "get_vms");
  first.process.kill("SIGKILL");
  await first.ended;
  expect(verify(file)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("note: its chain has no end"),
  });
  expect(verify("--ended", file)).toMatchObject({
    status: 7,
    stdout: expect.stringContaining(":2: open:"),
  });
  await end(await start());
  expect(events(file)).toEqual(["start", "end", "start", "stop"]);
  // What was cut off before the next one began is missed.
  const [, , ...later] = readFileSync(file, "utf8").split(/(?<=\n)/);
  const [start0] = readFileSync(file, "utf8").split(/(?<=\n)/);
  writeFileSync(file, [start0, ...later].join(""));
  expect(verify(file)).toMatchObject({
    status: 7,
    stdout: expect.stringContaining(":2: missing:"),
  });
});

test("SIGHUP opens the file anew after a rotation", async () => {
  const { file, start, verify } = await lay();
  const server = await start();
  await callTool(server, "get_vms");
  renameSync(file, `${file}.1`);
  server.process.kill("SIGHUP");
  await server.logged("the new config is in force");
  await callTool(server, "get_vms");
  await end(server);
  expect(events(`${file}.1`)).toEqual(["start", "end"]);
  expect(events(file)).toEqual(["reopen", "end", "stop"]);
  expect(verify("--ended", `${file}.1`, file).status).toBe(0);
});

test("a new master key at a reload is told in the chain, and seals what follows", async () => {
  const { cwd, file, start, verify } = await lay();
  const server = await start();
  await callTool(server, "get_vms");
  writeFileSync(join(cwd, "key.new"), `${OTHER_KEY}\n${KEY}\n`, { mode: 0o600 });
  renameSync(join(cwd, "key.new"), join(cwd, "key"));
  await server.logged("the new config is in force");
  await callTool(server, "get_vms");
  await end(server);
  expect(events(file)).toEqual(["start", "end", "key", "end", "stop"]);
  const [before, after] = [recordsOf(file)[2], recordsOf(file)[3]];
  expect(before).toMatchObject({ key: KEY_ID, next: after?.["key"] });
  expect(verify("--ended", file).status).toBe(0);

  // The old key was retired and lies in an archive.
  const [current, archived] = [join(cwd, "current"), join(cwd, "archived")];
  writeFileSync(current, `${OTHER_KEY}\n`, { mode: 0o600 });
  writeFileSync(archived, `${KEY}\n`, { mode: 0o600 });
  const verifyWith = (...keys: string[]) =>
    runServer(["audit", "verify", ...keys.flatMap((key) => ["--key-file", key]), file]);
  const alone = verifyWith(current);
  expect(alone.status).toBe(7);
  expect(alone.stdout).toBe(
    `${file}:1: key: lines from here on are sealed with the key ${KEY_ID}, which is not at hand\n` +
      `1 finding: ${file}, 2 lines in 1 chain as they were written\n`,
  );
  expect(verifyWith(current, archived).status).toBe(0);
});

test("two servers write into one file at once, and every line is whole", async () => {
  const { file, start, verify } = await lay();
  const servers = [await start(), await start()];
  await Promise.all(
    servers.flatMap((server) => Array.from({ length: 50 }, () => callTool(server, "get_vms"))),
  );
  for (const server of servers) await end(server);
  expect(verify("--ended", file)).toMatchObject({
    status: 0,
    stdout: `whole: ${file}, 104 lines in 2 chains\n`,
  });
});

test("without audit.file records go to standard error, whatever the level of the log", async () => {
  const { cwd, start } = await lay({ file: null });
  const config = JSON.parse(readFileSync(join(cwd, "config.json"), "utf8"));
  config.logging = { level: "CRITICAL" };
  writeFileSync(join(cwd, "config.json"), JSON.stringify(config), { mode: 0o600 });
  const server = await start();
  await callTool(server, "get_vms");
  await end(server);
  const lines = server.stderr().trimEnd().split("\n");
  const records = lines.map((line) => JSON.parse(line)).filter((line) => "chain" in line);
  expect(records.map(({ event }) => event)).toEqual(["start", "end", "stop"]);
  expect(records[1]).toMatchObject({ tool: "get_vms", key: KEY_ID, mac: expect.any(String) });
});

// A limit on the size of files takes lines as a full disk does: a part of one, then none.
const canLimit = spawnSync("prlimit", ["--version"]).status === 0;
const missing = canLimit ? "" : "NOT RUN, there is no prlimit: ";

function limit({ process: { pid } }: Serving, bytes: number | "unlimited"): void {
  const { status } = spawnSync("prlimit", [`--pid=${pid}`, `--fsize=${bytes}:`]);
  expect(status).toBe(0);
}

describe.skipIf(!canLimit)(`${missing}a file that takes no more`, () => {
  test("refuses what changes something where audit.required is on, and goes on later", async () => {
    const { file, start, verify } = await lay({ required: true });
    const server = await start();
    await callTool(server, "get_vms");
    limit(server, statSync(file).size + 100);
    const refused = await callTool(server, "reboot_vm", { vmid: 100 });
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^error\[AUDIT_FAILED\]: reboot_vm is not run/) }],
    });
    expect(await server.logged("the audit log cannot be written")).toMatchObject({
      level: "error",
      code: "EFBIG",
      file,
    });
    expect(await callTool(server, "get_vms")).not.toHaveProperty("isError");
    limit(server, "unlimited");
    expect(await callTool(server, "reboot_vm", { vmid: 100 })).not.toHaveProperty("isError");
    await server.logged("the audit log is written again");
    await end(server);
    const verdict = verify("--ended", "--json", file);
    expect(verdict.status).toBe(7);
    // The piece that the limit let through, and nothing else.
    expect(JSON.parse(verdict.stdout)).toMatchObject({
      lines: 7,
      findings: [{ kind: "torn", file, line: 3 }],
      notes: [],
    });
    expect(
      server.log().filter(({ msg }) => msg === "the audit log cannot be written"),
    ).toHaveLength(1);
  });

  test("stops nothing where it is off, and what had ended is written later", async () => {
    const { file, start } = await lay();
    const server = await start();
    limit(server, statSync(file).size);
    expect(await callTool(server, "reboot_vm", { vmid: 100 })).not.toHaveProperty("isError");
    await server.logged("the audit log cannot be written");
    limit(server, "unlimited");
    await callTool(server, "get_vms");
    await end(server);
    expect(recordsOf(file).map(({ event, tool }) => [event, tool].join(" ").trim())).toEqual([
      "start",
      "end reboot_vm",
      "end get_vms",
      "stop",
    ]);
  });
});
