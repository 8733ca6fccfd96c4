import { describe, expect, test } from "vitest";
import { leaky, VALUES } from "../../../crypto/test/config/leaks/leaky.ts";
import { type Cli, createCli, type Surroundings } from "../cli.ts";
import { leakDetector } from "../leaks.ts";
import { BOUND, config } from "../material.ts";

const leaks = leakDetector(VALUES);

function prepared(files: Readonly<Record<string, string | Uint8Array>>): Cli {
  const cli = createCli();
  for (const [name, content] of Object.entries(files)) {
    cli.write(name, typeof content === "string" ? leaky(content) : content);
  }
  return cli;
}

async function scan(cli: Cli, argv: readonly string[], around?: Surroundings) {
  const outcome = await cli.run(["scan", ...argv], around);
  expect(leaks(outcome.stdout + outcome.stderr)).toEqual([]);
  return outcome;
}

describe("scan", () => {
  test("says what it finds, where it is and what to do, and exits 7", async () => {
    const cli = prepared({
      "config.yaml": "auth:\n  token_value: @UUID@\n",
      "deploy.sh": "#!/bin/sh\ncurl -H 'Authorization: PVEAPIToken=mcp@pve!ci=@UUID@'\n",
      "keys.txt": "@KEY@\n",
      "sealed.json": config(BOUND.token),
    });
    const before = cli.snapshot();
    const names = ["config.yaml", "deploy.sh", "keys.txt", "sealed.json"];
    const { status, stdout, stderr } = await scan(cli, names);
    expect(stdout.split("\n")).toEqual([
      "config.yaml:2:16 [plain] /auth/token_value is a secret in plain text: encrypt it",
      "deploy.sh:2:37 [pve-token] this is an API token of Proxmox VE: move it to an encrypted config",
      "keys.txt:1:1 [key-file] this is a file of master keys: take it out of the commit",
      "",
    ]);
    expect(stderr).toMatch(/^3 findings in 4 files\.\nWhat was committed before counts as leaked/);
    expect(status).toBe(7);
    expect(cli.snapshot()).toEqual(before);
  });

  test("says little where there is nothing, and exits 0", async () => {
    const cli = prepared({ "sealed.json": config(BOUND.token), "empty.txt": "" });
    expect(await scan(cli, ["sealed.json", "empty.txt"])).toEqual({
      status: 0,
      signal: null,
      stdout: "",
      stderr: "No findings in 2 files.\n",
    });
  });

  test("--json", async () => {
    const cli = prepared({
      "a.env": "PROXMOX_PASSWORD=@WORD@\n",
      "b.ts": 'const apiToken = "@HEX@"; // proxmox-mcp: allow\n',
      "c.bin": new Uint8Array([0, 1, 2]),
    });
    const { status, stdout, stderr } = await scan(cli, ["a.env", "b.ts", "c.bin", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      exitStatus: 7,
      command: "scan",
      files: 2,
      findings: [
        { file: "a.env", line: 1, column: 18, kind: "plain", name: "env:PROXMOX_PASSWORD" },
      ],
      skipped: [{ file: "c.bin", reason: "it is binary" }],
      allowed: { findings: 1, files: 0 },
      warnings: [],
    });
    expect({ status, stderr }).toEqual({ status: 7, stderr: "" });
  });

  test.each([
    ".proxmox_mcp_key",
    "proxmox_mcp_key",
    ".proxmox_mcp_key.old",
    "proxmox-mcp-master-key",
    "deep/pending-0a1b2c3d",
  ])("takes %s for a key file by its name", async (name) => {
    const { stdout } = await scan(prepared({ [name]: "whatever is in it" }), [name]);
    expect(stdout).toBe(
      `${name}:1:1 [key-file] this is a file of master keys: take it out of the commit\n`,
    );
  });

  test.each([
    "config.json.backup.20260131_120000",
    ".config.json.pm-0123456789abcdef.old",
    ".config.json.pm-0123456789abcdef.new",
    ".proxmox-mcp.txn",
    "deep/.proxmox-mcp.lock",
  ])("takes %s for a leftover", async (name) => {
    const { status, stdout } = await scan(prepared({ [name]: config(BOUND.token) }), [name]);
    expect(stdout).toMatch(/:1:1 \[leftover\] this is a backup or a leftover/);
    expect(status).toBe(7);
  });

  test.each([
    "proxmox_mcp_key.md",
    "pending-changes",
    "config.backup.json",
    ".proxmox-mcp-allow",
    "proxmox_mcp_keyring.ts",
  ])("takes %s for a file of people", async (name) => {
    expect((await scan(prepared({ [name]: "words" }), [name])).status).toBe(0);
  });

  test("passes by what is binary or large, and says so", async () => {
    const cli = prepared({
      "image.png": new Uint8Array([0x89, 0x50, 0, 0]),
      "dump.sql": `${"-- a line\n".repeat(420_000)}@UUID@`,
    });
    expect(await scan(cli, ["image.png", "dump.sql"])).toMatchObject({
      status: 0,
      stderr:
        "Skipped image.png: it is binary\nSkipped dump.sql: it is larger than 4 MiB\nNo findings in 0 files.\n",
    });
  });

  test("reads what PowerShell and old editors write", async () => {
    const cli = prepared({
      "utf16.env": Buffer.from(leaky("\uFEFFPROXMOX_PASSWORD=@WORD@\r\n"), "utf16le"),
      "latin1.ini": Buffer.from(leaky("; für alle\npassword = @PASSWORD@\n"), "latin1"),
    });
    const { stdout } = await scan(cli, ["utf16.env", "latin1.ini"]);
    expect(stdout.match(/^\S+ \[[a-z-]+\]/gm)).toEqual([
      "utf16.env:1:18 [plain]",
      "latin1.ini:2:12 [secret-looking]",
    ]);
  });

  test("takes names that begin with a dash behind --, and each file once", async () => {
    const cli = prepared({ "--help": "password: @PASSWORD@\n" });
    const { status, stderr } = await scan(cli, ["--", "--help", "--help"]);
    expect(status).toBe(7);
    expect(stderr).toContain("1 finding in 1 file.");
  });

  test("needs no key, and does not look for one", async () => {
    const cli = prepared({ "a.txt": "words" });
    const env = { PROXMOX_MCP_MASTER_KEY: "no key at all", PROXMOX_MCP_AUDIT_LOG: "audit.log" };
    const before = cli.snapshot();
    expect((await scan(cli, ["a.txt"], { env })).status).toBe(0);
    expect(cli.snapshot()).toEqual(before);
  });

  test.each<readonly [string, readonly string[], number, string]>([
    ["nothing", [], 2, "error[USAGE]: scan takes either files or --staged"],
    ["both", ["a.txt", "--staged"], 2, "error[USAGE]: scan takes either files or --staged"],
    ["a file that is not there", ["none"], 5, "error[FILE_NOT_FOUND]"],
    ["a directory", ["."], 5, "error[FILE_NOT_REGULAR]"],
  ])("refuses %s", async (_, argv, expected, words) => {
    const { status, stdout, stderr } = await scan(prepared({ "a.txt": "x" }), argv);
    expect({ status, stdout }).toEqual({ status: expected, stdout: "" });
    expect(stderr).toContain(words);
  });

  test("prints nothing that could repaint a terminal", async () => {
    const name = "a\u001b[2Jb.ini";
    const { stdout } = await scan(prepared({ [name]: "password=@PASSWORD@" }), [name]);
    expect(stdout).toMatch(/^a\\u001b\[2Jb\.ini:1:10 /);
  });
});

describe(".proxmox-mcp-allow", () => {
  const FILES = {
    "fixtures/a.json": '{"auth":{"token_value":"@UUID@","password":"@WORD@"}}',
    "fixtures/deep/b.json": '{"secret":"@WORD@"}',
    "c.ts": 'const apiToken = "@HEX@";\n',
    ".proxmox_mcp_key": "@KEY@\n",
  };

  test.each<readonly [string, string, readonly string[]]>([
    ["nothing", "# a comment\n\n", Object.keys(FILES)],
    ["a directory", "fixtures/**\n", ["c.ts", ".proxmox_mcp_key"]],
    ["a kind of files", "*.json\n.proxmox_mcp_key", ["c.ts"]],
    ["one file", "fixtures/a.json\r\n", ["fixtures/deep/b.json", "c.ts", ".proxmox_mcp_key"]],
    ["a field", "fixtures/a.json /auth/token_value\n", Object.keys(FILES)],
    ["fields", "fixtures/a.json /auth/*\n**/b.json   /secret  \n", ["c.ts", ".proxmox_mcp_key"]],
    ["a name", "c.ts apiToken\n", Object.keys(FILES).filter((name) => name !== "c.ts")],
    ["a name of another file", "d.ts apiToken\n", Object.keys(FILES)],
  ])("lets %s pass", async (_, list, expected) => {
    const cli = prepared({ ...FILES, ".proxmox-mcp-allow": list });
    const { stdout } = await scan(cli, Object.keys(FILES));
    const files = stdout.split("\n").flatMap((line) => /^(.+):\d+:\d+ \[/.exec(line)?.[1] ?? []);
    expect([...new Set(files)]).toEqual(expected);
  });

  test("counts what it lets pass", async () => {
    const cli = prepared({ ...FILES, ".proxmox-mcp-allow": "*.ts\n*.json /auth/password\n" });
    const { stderr } = await scan(cli, ["c.ts", "fixtures/a.json"]);
    expect(stderr).toContain("1 finding in 1 file (allowed: 1 finding, 1 file).");
  });

  test("holds for files however they are named", async () => {
    const cli = prepared({ ...FILES, ".proxmox-mcp-allow": "fixtures/**\n" });
    const names = ["./fixtures/a.json", cli.path("fixtures/a.json"), "fixtures/deep/../a.json"];
    expect((await scan(cli, names)).status).toBe(0);
  });

  test("is refused where a line is no glob", async () => {
    const cli = prepared({ ...FILES, ".proxmox-mcp-allow": `${"(".repeat(70_000)}\n` });
    expect((await scan(cli, ["c.ts"])).status).toBe(2);
  });
});
