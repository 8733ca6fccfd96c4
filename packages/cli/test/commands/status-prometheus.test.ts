import { symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Cli, createCli } from "../cli.ts";
import { BOUND, config, KEY, OTHER_KEY, SECRET, vectors } from "../material.ts";
import { parseExposition } from "../metrics/parse-exposition.ts";

const legacy = vectors.readable.find(({ state }) => state === "legacy")?.token ?? "";
const FILE = "proxmox-mcp.prom";

function prepared(files: Readonly<Record<string, string>>, key: string | undefined = KEY): Cli {
  const cli = createCli();
  if (key !== "") cli.write(cli.keyFile, `${key}\n`, 0o600);
  for (const [name, content] of Object.entries(files)) cli.write(name, content, 0o600);
  return cli;
}

async function metrics(cli: Cli, ...argv: string[]) {
  const { status, stdout, stderr } = await cli.run(["status", "--prometheus", ...argv]);
  return { status, stderr, series: parseExposition(stdout) };
}

describe("status --prometheus", () => {
  test("counts fields by file and state, with the oldest seal and the key", async () => {
    const text = JSON.stringify({
      servers: { a: { token_secret: legacy }, b: { token_secret: SECRET } },
      auth: { token_value: BOUND.token },
    });
    const before = Date.now() / 1000;
    const cli = prepared({ "a.json": text, "b.json": config(BOUND.token) });
    const { status, series } = await metrics(cli, "a.json", "b.json");
    expect(status).toBe(0);
    const ofA = [...series].filter(([name]) => name.includes('file="a.json"'));
    expect(ofA).toEqual([
      ['proxmox_mcp_secret_fields{file="a.json",state="legacy"}', 1],
      ['proxmox_mcp_secret_fields{file="a.json",state="plain"}', 1],
      ['proxmox_mcp_secret_fields{file="a.json",state="bound"}', 1],
      ['proxmox_mcp_oldest_seal_timestamp_seconds{file="a.json"}', expect.any(Number)],
    ]);
    expect(series.get('proxmox_mcp_oldest_seal_timestamp_seconds{file="b.json"}')).toBe(
      BOUND.timestamp,
    );
    expect(series.get("proxmox_mcp_status_success")).toBe(1);
    const time = series.get("proxmox_mcp_status_timestamp_seconds") ?? 0;
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now() / 1000);
    expect([...series.keys()].join("\n")).toMatch(/proxmox_mcp_key_info\{key_id="[0-9a-f]{8}"\}/);
    expect(series.get("proxmox_mcp_interrupted_runs")).toBe(0);
  });

  test.each([
    ["no key", "", undefined],
    ["another key", OTHER_KEY, undefined],
    ["one key", KEY, "settled"],
    ["a next key", `${KEY}\nnext:${OTHER_KEY}`, "prepared"],
    ["an old key that nothing needs", `${KEY}\n${OTHER_KEY}`, "rotated"],
  ])("says by one of the phases how far a change of keys is: %s", async (_, key, phase) => {
    const { series } = await metrics(prepared({ "a.json": config(BOUND.token) }, key), "a.json");
    const phases = [...series].filter(([name]) => name.startsWith("proxmox_mcp_key_phase"));
    expect(phases).toHaveLength(6);
    expect(phases.filter(([, value]) => value === 1).map(([name]) => name)).toEqual(
      phase === undefined ? [] : [`proxmox_mcp_key_phase{phase="${phase}"}`],
    );
    expect([...series.keys()].some((name) => name.startsWith("proxmox_mcp_key_info"))).toBe(
      key !== "",
    );
  });

  test("has every kind of finding, also those that are not there, with --check and without", async () => {
    const cli = prepared({ "a.json": config(), "b.json": config(BOUND.token) });
    for (const flags of [[], ["--check"]]) {
      const { status, series } = await metrics(
        cli,
        "a.json",
        "b.json",
        "--max-age",
        "1d",
        ...flags,
      );
      const findings = [...series].filter(([name]) => name.startsWith("proxmox_mcp_findings"));
      expect(findings).toHaveLength(8);
      expect(Object.fromEntries(findings)).toMatchObject({
        'proxmox_mcp_findings{kind="plain"}': 1,
        'proxmox_mcp_findings{kind="too-old"}': 1,
        'proxmox_mcp_findings{kind="unopened"}': 0,
      });
      expect(status).toBe(flags.length === 0 ? 0 : 7);
    }
  });

  test("counts interrupted runs and files that were skipped, and says no more of these", async () => {
    const cli = prepared({ "a.json": config(BOUND.token), "other.json": "{ // no config\n}" });
    cli.write(".proxmox-mcp.txn", "a record");
    const { series, stderr } = await metrics(cli, ".");
    expect(series.get("proxmox_mcp_interrupted_runs")).toBe(1);
    expect(series.get("proxmox_mcp_skipped_files")).toBe(1);
    expect(stderr).toBe("");
  });

  test("names no series twice, whatever is named twice", async () => {
    const cli = prepared({ "a.json": config(BOUND.token) });
    const { series } = await metrics(cli, "a.json", "a.json", ".");
    expect(series.get('proxmox_mcp_secret_fields{file="a.json",state="bound"}')).toBe(1);
  });

  test.each([
    [["--table"], "--prometheus excludes --table"],
    [["--json"], "--prometheus excludes --json"],
    [["--python"], "--prometheus excludes --python"],
  ])("excludes %j", async (flags, words) => {
    const { status, stderr } = await prepared({ "a.json": config() }).run([
      "status",
      "a.json",
      "--prometheus",
      ...flags,
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain(words);
  });

  test("a run that fails says so in the same form", async () => {
    const { status, stderr, series } = await metrics(prepared({}), "none.json");
    expect(status).toBe(5);
    expect(stderr).toContain("error[FILE_NOT_FOUND]");
    expect([...series.keys()]).toEqual([
      "proxmox_mcp_status_success",
      "proxmox_mcp_status_timestamp_seconds",
    ]);
    expect(series.get("proxmox_mcp_status_success")).toBe(0);
  });
});

describe("status --prometheus --output", () => {
  const run = (cli: Cli, ...argv: string[]) =>
    cli.run(["status", "--prometheus", "-o", FILE, ...argv]);

  test("writes a file that a collector may read, and prints nothing", async () => {
    const cli = prepared({ "a.json": config(BOUND.token) });
    expect(await run(cli, "a.json")).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(cli.mode(FILE)).toBe("644");
    expect(parseExposition(cli.read(FILE)).get("proxmox_mcp_status_success")).toBe(1);
  });

  test("replaces its own file, also through a link", async () => {
    const cli = prepared({ "a.json": config(BOUND.token) });
    expect((await run(cli, "a.json")).status).toBe(0);
    symlinkSync(FILE, cli.path("link.prom"));
    const argv = ["status", "a.json", "--prometheus", "--output", "link.prom"];
    const before = cli.read(FILE);
    expect((await cli.run(argv)).status).toBe(0);
    expect(cli.read(FILE)).not.toBe(before);
    const names = cli.snapshot().map((line) => line.split(" ", 1)[0]);
    expect(names.filter((name) => /pro[mx]/.test(name ?? ""))).toEqual([
      "home/.proxmox_mcp_key",
      "work/link.prom",
      `work/${FILE}`,
    ]);
  });

  test("leaves no success behind after a run that failed", async () => {
    const cli = prepared({ "a.json": config(BOUND.token) });
    expect((await run(cli, "a.json")).status).toBe(0);
    expect(await run(cli, "none.json")).toMatchObject({ status: 5, stdout: "" });
    const series = parseExposition(cli.read(FILE));
    expect(series.size).toBe(2);
    expect(series.get("proxmox_mcp_status_success")).toBe(0);
  });

  test("with --check exits 7, and the file is there", async () => {
    const cli = prepared({ "a.json": config() });
    const { status, stderr } = await run(cli, "a.json", "--check");
    expect(status).toBe(7);
    expect(stderr).toContain("1 finding.");
    expect(parseExposition(cli.read(FILE)).get('proxmox_mcp_findings{kind="plain"}')).toBe(1);
  });

  test.each([
    ["a config", config(BOUND.token)],
    ["a key file", `${OTHER_KEY}\n`],
    ["metrics of another program", "# HELP other Other.\n# TYPE other gauge\nother 1\n"],
    ["something binary", "\0\0\0"],
  ])("never replaces %s", async (_, content) => {
    const cli = prepared({ "a.json": config(BOUND.token), [FILE]: content });
    const before = cli.snapshot();
    const { status, stderr } = await run(cli, "a.json");
    expect(status).toBe(8);
    expect(stderr).toContain("error[OUTPUT_EXISTS]");
    expect(cli.snapshot()).toEqual(before);
  });

  test("needs --prometheus, and a directory that is there", async () => {
    const cli = prepared({ "a.json": config(BOUND.token) });
    expect(await cli.run(["status", "a.json", "-o", FILE])).toMatchObject({
      status: 2,
      stdout: "",
    });
    const argv = ["status", "a.json", "--prometheus", "-o", "none/a.prom"];
    expect((await cli.run(argv)).status).toBe(8);
  });

  test("- is standard output", async () => {
    const cli = prepared({ "a.json": config(BOUND.token) });
    const { stdout } = await cli.run(["status", "a.json", "--prometheus", "-o", "-"]);
    expect(parseExposition(stdout).get("proxmox_mcp_status_success")).toBe(1);
  });
});
