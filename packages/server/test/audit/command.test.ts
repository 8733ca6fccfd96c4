/** `proxmox-mcp-server audit` as people and scripts run it. */
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { configWith, type Outcome, runServer, SECRET } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { MASTER, openAudited } from "./audited.ts";

const audit = (...args: readonly string[]): Outcome => runServer(["audit", ...args]);

/** A log of a few calls, and the key it is sealed with. */
function written(): { directory: string; file: string; key: string } {
  const directory = scratch();
  const [file, key] = [join(directory, "audit.log"), join(directory, "key")];
  const log = openAudited({ file });
  log.call({}, { target: "qemu/100 web on pve1", upids: ["UPID:example"] });
  log.call({
    tool: "get_vms",
    effect: "read",
    time: new Date("2026-02-01T00:00:00Z"),
    arguments: { name: "=1+2" },
    caller: { transport: "stdio", key: undefined, address: undefined },
  });
  log.stop();
  writeFileSync(key, `${MASTER.reveal()}\n`, { mode: 0o600 });
  return { directory, file, key };
}

describe("the command line", () => {
  test.each([["--help"], ["-h"], ["verify", "--help"]])("%s %s prints the help", (...args) => {
    const { status, stdout, stderr } = audit(...args.filter(Boolean));
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: proxmox-mcp-server audit tail /);
    expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  test.each<[readonly string[], string]>([
    [[], "audit wants tail, verify or export"],
    [["verfy"], "audit wants tail, verify or export (did you mean verify?)"],
    [["tail", "--jsn", "a"], "unknown option --jsn (did you mean --json?)"],
    [["tail", "-x"], "unknown option -x"],
    [["tail", "-n"], "-n wants a value"],
    [["tail", "-n", "many"], "--lines wants a whole number"],
    [["tail", "a", "b"], "tail reads one file"],
    [["tail", "--key-file", "k"], "--key-file goes with verify"],
    [["tail", "--keyring"], "--keyring goes with verify"],
    [["verify", "--follow"], "--follow goes with tail"],
    [["verify", "--ended=yes"], "--ended takes no value"],
    [["export", "--json"], "--json goes with tail and verify"],
    [["export", "--format", "xml"], "--format wants json or csv"],
    [["export", "--since", "yesterday"], "--since wants a time"],
    [["export", "--until", "2026-13-01"], "--until wants a time"],
    [["export", "--since", "2026-02-31"], "--since wants a time"],
    [["export", "--since", "2026-02-29T12:00:00Z"], "--since wants a time"],
    [["tail"], "no audit log is named, and no config that names one"],
  ])("%j is refused: %s", (args, message) => {
    const { status, stdout, stderr } = audit(...args);
    expect(status).toBe(2);
    if (!args.includes("--json")) expect(stdout).toBe("");
    expect(stderr.split("\n")[0]).toContain(`error[USAGE]: ${message}`);
    expect(stderr).toMatch(/ Way out: [^\n]+\.\n$/);
  });

  test.each(["tail", "verify", "export"])("%s of a file that is not there", (action) => {
    const key = ["verify"].includes(action) ? ["--key-file", written().key] : [];
    expect(audit(action, ...key, "gone.log")).toMatchObject({
      status: 5,
      stderr: expect.stringContaining("error[FILE_NOT_FOUND]: there is no audit log gone.log"),
    });
  });

  test("verify without a key", () => {
    const { file } = written();
    expect(audit("verify", file)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("error[KEY_MISSING]"),
    });
  });

  test("the file that the config names, by a variable, needs no key to be read", () => {
    const { directory, file, key } = written();
    const config = join(directory, "config.json");
    writeFileSync(config, JSON.stringify(configWith(SECRET, { audit: { file: "${LOG}.log" } })));
    const env = { LOG: "audit", PROXMOX_MCP_CONFIG: config };
    const run = (...args: string[]) => runServer(["audit", ...args], { env });
    expect(run("tail").stdout).toBe(audit("tail", file).stdout);
    expect(run("export").stdout).toBe(audit("export", file).stdout);
    expect(run("verify", "--key-file", key)).toMatchObject({ status: 0 });
    const unset = runServer(["audit", "tail", "--config", config]);
    expect(unset).toMatchObject({ status: 5, stderr: expect.stringContaining("VARIABLE_MISSING") });
    writeFileSync(config, JSON.stringify(configWith(SECRET)));
    expect(run("tail").stderr).toContain("has no audit.file: records go to standard error");
  });
});

describe("tail", () => {
  test("prints the last lines for people", () => {
    const { file } = written();
    expect(audit("tail", file).stdout).toBe(
      [
        "2026-01-31T12:00:00.000Z  start",
        '2026-01-31T12:00:00.000Z  begin   start_vm  {"vmid":100}  http  client ops  192.0.2.1',
        '2026-01-31T12:00:00.025Z  end     start_vm  qemu/100 web on pve1  {"vmid":100}  ok  25 ms  ["UPID:example"]  http  client ops  192.0.2.1',
        '2026-02-01T00:00:00.025Z  end     get_vms  {"name":"=1+2"}  ok  25 ms  stdio',
        "2026-01-31T12:00:00.000Z  stop",
        "",
      ].join("\n"),
    );
    expect(audit("tail", "-n", "2", file).stdout.split("\n")).toHaveLength(3);
    expect(audit("tail", "-n0", file).stdout).toBe("");
  });

  test("prints lines as they are with --json", () => {
    const { file } = written();
    expect(audit("tail", "--json", file).stdout).toBe(readFileSync(file, "utf8"));
  });

  test("lets nothing through that could repaint a terminal", () => {
    const { file } = written();
    const record = {
      chain: "0".repeat(16),
      seq: 0,
      key: "\u001b]0;x\u0007",
      prev: null,
      event: "\u009b2J",
      tool: "\u202e\u{e0041}",
      target: {},
    };
    appendFileSync(file, `${JSON.stringify(record)}\n\u001b[2Jraw\n{"chain":"\u009braw"}\n`);
    for (const args of [["tail"], ["tail", "--json"], ["export"], ["export", "--format", "csv"]]) {
      const { stdout } = audit(...args, file);
      expect(stdout.replaceAll(/\r?\n/g, ""), args.join(" ")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
    const [line] = audit("tail", "--json", "-n3", file).stdout.split("\n");
    expect(JSON.parse(line ?? "")).toEqual(record);
  });

  test("follows the file, and finds it again when it is rotated", async () => {
    const file = join(scratch(), "audit.log");
    const log = openAudited({ file });
    const binary = fileURLToPath(new URL("../../bin/proxmox-mcp-server.cjs", import.meta.url));
    const child = spawn(process.execPath, [binary, "audit", "tail", "-f", "-n1", file]);
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value;
    expect(await next()).toMatch(/ start$/);
    log.call({ effect: "read", tool: "one" });
    expect(await next()).toContain("one");
    log.call({ effect: "read", tool: "two" });
    renameSync(file, `${file}.1`);
    log.call({ effect: "read", tool: "three" });
    log.reopen();
    log.call({ effect: "read", tool: "four" });
    for (const tool of ["two", "three", "reopen", "four"]) expect(await next()).toContain(tool);
  });
});

describe("verify", () => {
  test("says that a log is whole, and with --json for programs", () => {
    const { file, key } = written();
    expect(audit("verify", "--key-file", key, file)).toEqual({
      status: 0,
      stdout: `whole: ${file}, 5 lines in 1 chain\n`,
      stderr: "",
    });
    expect(JSON.parse(audit("verify", "--json", "--key-file", key, file).stdout)).toEqual({
      ok: true,
      exitStatus: 0,
      files: [file],
      lines: 5,
      chains: 1,
      findings: [],
      notes: [],
    });
  });

  test("names file and line of what is wrong, and ends with 7", () => {
    const { file, key } = written();
    writeFileSync(file, readFileSync(file, "utf8").replace("192.0.2.1", "192.0.2.2"));
    expect(audit("verify", "--key-file", key, file)).toEqual({
      status: 7,
      stdout:
        `${file}:2: changed: the line is not what was written\n` +
        `1 finding: ${file}, 4 lines in 1 chain as they were written\n`,
      stderr: "",
    });
  });

  test("takes the key from the environment, as everywhere", () => {
    const { file } = written();
    const env = { PROXMOX_MCP_MASTER_KEY: MASTER.reveal() };
    expect(runServer(["audit", "verify", file], { env }).status).toBe(0);
    const named = runServer(["audit", "verify", "--key-env", "MINE", file], {
      env: { MINE: MASTER.reveal() },
    });
    expect(named.status).toBe(0);
  });
});

test.each([[[]], [["--key-file", "nowhere"]], [["--key-env", "UNSET"]]])(
  "verify without a key says how to give it, and not to make one: %j",
  (args) => {
    const { file } = written();
    const { status, stderr } = audit("verify", ...args, file);
    expect(status).toBe(3);
    expect(stderr).toContain("give the key that the log was sealed with: --key-file FILE");
    expect(stderr).not.toContain("generate-key");
  },
);

describe("export", () => {
  test("gives an array of what was asked for", () => {
    const { file } = written();
    const tools = (...args: string[]) =>
      JSON.parse(audit("export", ...args, file).stdout).map(
        ({ event, tool }: Record<string, unknown>) => [event, tool].join(" ").trim(),
      );
    expect(tools()).toEqual(["start", "begin start_vm", "end start_vm", "end get_vms", "stop"]);
    expect(tools("--tool", "start_vm")).toEqual(["begin start_vm", "end start_vm"]);
    expect(tools("--client", "ops")).toEqual(["begin start_vm", "end start_vm"]);
    expect(tools("--since", "2026-02-01")).toEqual(["end get_vms"]);
    expect(tools("--until", "2026-01-31T12:00:00.025Z", "--client", "ops")).toEqual([
      "begin start_vm",
    ]);
    expect(tools("--tool", "nothing")).toEqual([]);
  });

  test("gives a table that runs nothing in a spreadsheet", () => {
    const { file } = written();
    const log = openAudited({ file });
    for (const [index, target] of [
      "=cmd|'/c calc'!A1",
      "+1",
      "-1",
      "@SUM(1)",
      ' "a",b',
    ].entries()) {
      log.call({ id: String(index), effect: "read" }, { target });
    }
    const { stdout, status } = audit("export", "--format", "csv", "--tool", "start_vm", file);
    expect(status).toBe(0);
    const rows = stdout.split("\r\n");
    expect(rows[0]).toMatch(/^time,event,tool,effect,transport,client,address,target,arguments,/);
    expect(rows[1]).toMatch(
      /^2026-01-31T12:00:00\.000Z,begin,start_vm,change,http,ops,192\.0\.2\.1,/,
    );
    expect(rows.slice(3, 8).map((row) => row.split("192.0.2.1,")[1]?.split(/,"?\{/)[0])).toEqual([
      `"'=cmd|'/c calc'!A1"`,
      `"'+1"`,
      `"'-1"`,
      `"'@SUM(1)"`,
      `" ""a"",b"`,
    ]);
    for (const row of rows) for (const cell of row.split(",")) expect(cell).not.toMatch(/^[=+\-@]/);
  });

  test("leaves out what is no line, and says so", () => {
    const { file } = written();
    appendFileSync(file, "hello\n");
    const { status, stdout, stderr } = audit("export", file);
    expect(JSON.parse(stdout)).toHaveLength(5);
    expect(stderr).toBe("1 line is none of an audit log, and left out: run audit verify\n");
    expect(status).toBe(7);
  });
});
