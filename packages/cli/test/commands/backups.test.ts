/** `backups`: what is listed, verified, pruned and restored, as its users see it. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { createSealer, parseKeyText } from "@proxmox-mcp/crypto";
import { lockDirectories } from "@proxmox-mcp/crypto/files";
import { describe, expect, test } from "vitest";
import type { BackupsResult } from "../../src/commands/backups.ts";
import { renderBackups } from "../../src/render/backups.ts";
import { createStyle } from "../../src/render/style.ts";
import { type Cli, createCli, type Surroundings } from "../cli.ts";
import { leakDetector } from "../leaks.ts";
import { BOUND, config, corrupted, ELSEWHERE, KEY, OTHER_KEY, SECRET } from "../material.ts";

const leaks = leakDetector({ secret: SECRET, key: KEY, "other key": OTHER_KEY });

/** Under the retired key. */
const OLD = config(BOUND.token);
/** Under the active key. */
const NEW = config(await sealed("/auth/token_value"));
const KEYS = `${OTHER_KEY}\n${KEY}\n`;
const [OTHER_ID, KEY_ID] = [OTHER_KEY, KEY].map((key) => parseKeyText(key).active.id);
const S1 = "20240101_000000";
const S2 = "20240201_000000";
const S3 = "20240301_000000";

async function sealed(location: string): Promise<string> {
  const sealer = createSealer({
    key: parseKeyText(OTHER_KEY).active,
    now: () => new Date(),
    random: randomBytes,
  });
  return sealer.seal(SECRET, location);
}

function prepared(files: Readonly<Record<string, string>>, keys: string = KEYS): Cli {
  const cli = createCli();
  if (keys !== "") cli.write(cli.keyFile, keys, 0o600);
  for (const [name, content] of Object.entries(files)) cli.write(name, content, 0o600);
  return cli;
}

async function json(cli: Cli, argv: readonly string[], around?: Surroundings) {
  const { status, stdout, stderr } = await cli.run(["backups", ...argv, "--json"], around);
  expect(leaks(stdout + stderr)).toEqual([]);
  return { status, ...JSON.parse(stdout) };
}

async function spoken(cli: Cli, argv: readonly string[]) {
  const { status, stdout, stderr } = await cli.run(["backups", ...argv]);
  expect(leaks(stdout + stderr)).toEqual([]);
  return { status, stdout, stderr };
}

/** The names in the directory but those of locks. */
function names(cli: Cli): string[] {
  return readdirSync(cli.directory, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.endsWith(".proxmox-mcp.lock"))
    .sort();
}

describe("list", () => {
  test("what opens each backup, and a warning for the keys that must stay", async () => {
    const cli = prepared({
      "config.json": NEW,
      [`config.json.backup.${S1}`]: OLD,
      [`config.json.backup.${S2}`]: NEW,
      [`config.json.backup.${S3}`]: config(corrupted(BOUND.token)),
      [`.env.backup.${S3}`]: `MCPO_API_KEY=enc:`,
      [`broken.json.backup.${S3}`]: '{ "a": "enc:"',
      [`plain.yaml.backup.${S3}`]: "note: enc:oding\n",
    });
    const before = cli.snapshot();
    const answer = await json(cli, ["list", "."]);
    const seen = answer.backups.map((backup: Record<string, unknown>) => [
      backup["backup"],
      backup["opens"],
      backup["keyIds"],
      backup["tokens"],
    ]);
    expect(seen).toEqual([
      [`.env.backup.${S3}`, "none", [], 1],
      [`broken.json.backup.${S3}`, "unreadable", [], null],
      [`config.json.backup.${S1}`, "retired", [KEY_ID], 1],
      [`config.json.backup.${S2}`, "active", [OTHER_ID], 1],
      [`config.json.backup.${S3}`, "none", [], 1],
      [`plain.yaml.backup.${S3}`, "none", [], 1],
    ]);
    expect(answer.backups[2]).toMatchObject({
      file: "config.json",
      stamp: S1,
      time: "2024-01-01T00:00:00Z",
      size: Buffer.byteLength(OLD),
      problems: [],
    });
    expect(answer.backups[1].problems[0]).toMatchObject({ code: "SYNTAX" });
    expect(answer.warnings).toEqual([
      `config.json.backup.${S1} opens with key ${KEY_ID} only: restoring needs that key, which retire-key would drop`,
    ]);
    expect(answer.status).toBe(0);
    expect(cli.snapshot()).toEqual(before);
  });

  test("is JSON where stdout is no terminal", async () => {
    const { stdout, stderr } = await spoken(prepared({ [`a.json.backup.${S1}`]: NEW }), [
      "list",
      ".",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ action: "list", backups: [{ stamp: S1 }] });
    expect(stderr).toBe("");
  });

  test("without a key nothing is known, and nothing is wrong", async () => {
    const cli = prepared({ [`config.json.backup.${S1}`]: OLD }, "");
    const answer = await json(cli, ["list", "."]);
    expect(answer).toMatchObject({
      status: 0,
      key: null,
      backups: [{ opens: "unknown", tokens: 1, problems: [] }],
      warnings: [],
    });
  });

  test("a directory: at any depth, and nothing that is none of ours", async () => {
    const cli = prepared({
      [`below/.env.backup.${S1}`]: `MCPO_API_KEY=${await sealed("env:MCPO_API_KEY")}\n`,
      [`dump.sql.backup.${S1}`]: "CREATE TABLE a;\n",
      "config.json.backup.20260231_000000": OLD,
      "config.json.backup.old": OLD,
      [`node_modules/config.json.backup.${S1}`]: OLD,
    });
    symlinkSync(`below/.env.backup.${S1}`, cli.path(`linked.json.backup.${S1}`));
    const answer = await json(cli, ["list", "."]);
    expect(answer.backups).toMatchObject([
      { backup: `below/.env.backup.${S1}`, file: "below/.env", opens: "active" },
    ]);
    expect(answer.skipped).toEqual([
      { backup: `dump.sql.backup.${S1}`, reason: "it holds no token" },
    ]);
  });

  test("a config: its own backups alone, also by a link to it and where it is gone", async () => {
    const cli = prepared({
      "real/config.json": NEW,
      [`real/config.json.backup.${S1}`]: OLD,
      [`real/config.json.encrypted.json.backup.${S1}`]: OLD,
      [`link.json.backup.${S2}`]: NEW,
      [`gone.json.backup.${S3}`]: NEW,
    });
    symlinkSync("real/config.json", cli.path("link.json"));
    const stamps = async (path: string) =>
      (await json(cli, ["list", path])).backups.map(({ stamp }: { stamp: string }) => stamp);
    expect(await stamps("real/config.json")).toEqual([S1]);
    expect(await stamps("link.json")).toEqual([S1, S2]);
    expect(await stamps("gone.json")).toEqual([S3]);
    expect(await stamps(`gone.json.backup.${S3}`)).toEqual([S3]);
  });

  test.each(["config.json", `config.json.backup.${S1}`, "nowhere/config.json"])(
    "%s, which is not there",
    async (path) => {
      const { status, error } = await json(prepared({}), ["list", path]);
      expect({ status, code: error.code }).toEqual({ status: 5, code: "FILE_NOT_FOUND" });
    },
  );

  test("on a terminal: a table", async () => {
    const result = {
      command: "backups",
      action: "list",
      key: { from: "--key-file k", id: OTHER_ID, ids: [OTHER_ID, KEY_ID] },
      backups: (["retired", "no-tokens", "unreadable"] as const).map((opens) => ({
        path: `config.json.backup.${S1}`,
        file: "config.json",
        target: "/config.json",
        stamp: S1,
        time: new Date("2024-01-01T00:00:00Z"),
        content:
          opens === "unreadable"
            ? undefined
            : { size: 412, hash: "", stat: { mode: 0o600, uid: 0, gid: 0, nlink: 1 } },
        tokens: opens === "retired" ? 3 : 0,
        opens,
        keyIds: opens === "retired" ? [KEY_ID] : [],
        problems: [],
      })),
      skipped: [],
      warnings: [],
    } satisfies BackupsResult;
    expect(renderBackups(result, createStyle(false)).stdout).toBe(
      [
        "  FILE         STAMP            TIME                  SIZE   TOKENS  KEY",
        `  config.json  ${S1}  2024-01-01T00:00:00Z  412 B  3       retired (${KEY_ID})`,
        `  config.json  ${S1}  2024-01-01T00:00:00Z  412 B  0       -`,
        `  config.json  ${S1}  2024-01-01T00:00:00Z  -      -       unreadable`,
        `Key: ${OTHER_ID} from --key-file k`,
        "",
      ].join("\n"),
    );
  });
});

describe("verify", () => {
  test("0 where every token of every backup opens", async () => {
    const cli = prepared({
      [`a.json.backup.${S1}`]: OLD,
      [`b.json.backup.${S1}`]: NEW,
      [`dump.sql.backup.${S1}`]: "CREATE TABLE a;\n",
    });
    const { status, stderr } = await spoken(cli, ["verify", "."]);
    expect(status).toBe(0);
    expect(stderr).toContain("2 backups verified: every token opens.");
  });

  test.each([
    ["a token that no key opens", config(corrupted(BOUND.token)), /\/auth\/token_value: /],
    ["a token of another field", config(ELSEWHERE.token), /\/auth\/token_value: /],
    ["a text that does not parse", OLD.slice(0, -3), /bad\.json\.backup\.\d+_\d+: /],
  ])("7 for %s, naming the backup", async (_, text, says) => {
    const cli = prepared({ [`a.json.backup.${S1}`]: OLD, [`bad.json.backup.${S1}`]: text });
    const { status, stderr } = await spoken(cli, ["verify", "."]);
    expect(status).toBe(7);
    expect(stderr).toMatch(says);
    expect(stderr).toContain("1 of 2 backups cannot be used.");
    expect(stderr).not.toMatch(/a\.json\.backup\.\d+_\d+: /);
  });

  test("needs a key", async () => {
    const { status, error } = await json(prepared({ [`a.json.backup.${S1}`]: OLD }, ""), [
      "verify",
      ".",
    ]);
    expect({ status, code: error.code }).toEqual({ status: 3, code: "KEY_MISSING" });
  });
});

describe("prune", () => {
  /** Three old backups of each of two files, and a young one. */
  function withBackups(): { cli: Cli; young: string } {
    const young = new Date(Date.now() - 3_600_000)
      .toISOString()
      .slice(0, 19)
      .replaceAll(/[-:]/g, "")
      .replace("T", "_");
    const files: Record<string, string> = {};
    for (const file of ["a.json", "below/b.json"]) {
      files[file] = NEW;
      for (const stamp of [S1, S2, S3, young]) files[`${file}.backup.${stamp}`] = OLD;
    }
    return { cli: prepared(files), young };
  }

  test.each([
    ["--keep 2", ["--keep", "2"], [S3, "young"]],
    ["--older-than 1d", ["--older-than", "1d"], ["young"]],
    ["both: only what both allow to go", ["--older-than", "1d", "--keep", "3"], [S2, S3, "young"]],
    ["both: the age decides", ["--older-than", "1d", "--keep", "1"], ["young"]],
  ])("%s", async (_, flags, expected) => {
    const { cli, young } = withBackups();
    const { status, outcome } = await json(cli, ["prune", ".", ...flags]);
    expect({ status, outcome }).toEqual({ status: 0, outcome: "pruned" });
    const stamps = expected.map((stamp) => (stamp === "young" ? young : stamp));
    expect(names(cli)).toEqual(
      [
        "a.json",
        "below",
        "below/b.json",
        ...stamps.flatMap((stamp) => [`a.json.backup.${stamp}`, `below/b.json.backup.${stamp}`]),
      ].sort(),
    );
    expect(cli.read("a.json")).toBe(NEW);
  });

  test("both, where the age lets none go", async () => {
    const { cli } = withBackups();
    const before = names(cli);
    const answer = await json(cli, ["prune", ".", "--older-than", "36500d", "--keep", "1"]);
    expect(answer).toMatchObject({ status: 0, outcome: "nothing", deleted: [], current: 8 });
    expect(names(cli)).toEqual(before);
  });

  test("--dry-run names what would go, and deletes nothing", async () => {
    const { cli } = withBackups();
    const before = cli.snapshot();
    const answer = await json(cli, ["prune", "a.json", "--keep", "3", "--dry-run"]);
    expect(answer).toMatchObject({
      status: 0,
      outcome: "planned",
      deleted: [{ backup: `a.json.backup.${S1}`, file: "a.json", stamp: S1 }],
      current: 3,
    });
    expect(cli.snapshot()).toEqual(before);
  });

  test("a backup that is named counts among all of its file", async () => {
    const { cli, young } = withBackups();
    await json(cli, ["prune", `./a.json.backup.${young}`, "--keep", "1"]);
    expect(existsSync(cli.path(`a.json.backup.${young}`))).toBe(true);
    await json(cli, ["prune", `./a.json.backup.${S2}`, "--keep", "1"]);
    expect(names(cli).filter((name) => name.startsWith("a.json.backup"))).toEqual([
      `a.json.backup.${S1}`,
      `a.json.backup.${S3}`,
      `a.json.backup.${young}`,
    ]);
  });

  test("without a limit", async () => {
    const { cli } = withBackups();
    const before = cli.snapshot();
    const { status, stderr } = await spoken(cli, ["prune", "."]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/error\[USAGE\].*--older-than 90d, --keep 3/);
    expect(cli.snapshot()).toEqual(before);
  });

  test("what only has the name of a backup stays", async () => {
    const cli = prepared({
      "config.json": NEW,
      "key.txt": KEY,
      [`dump.sql.backup.${S1}`]: "CREATE TABLE a;\n",
      [`key.txt.backup.${S1}`]: `${KEY}\n`,
      "config.json.backup.20261301_000000": OLD,
    });
    mkdirSync(cli.path(`config.json.backup.${S1}`));
    symlinkSync("config.json", cli.path(`config.json.backup.${S2}`));
    const before = names(cli);
    const { status } = await json(cli, ["prune", ".", "config.json", "--older-than", "1d"]);
    expect(status).toBe(0);
    const named = await json(cli, ["prune", `key.txt.backup.${S1}`, "--older-than", "1d"]);
    expect(named.deleted).toEqual([]);
    expect(named.status).toBe(7);
    expect(names(cli)).toEqual(before);
  });

  test("a backup with a master key in it stays", async () => {
    const text = `MCPO_API_KEY=${await sealed("env:MCPO_API_KEY")}\n`;
    const cli = prepared({
      ".env": text,
      [`.env.backup.${S1}`]: `${text}PROXMOX_MCP_MASTER_KEY=${KEY}\n`,
      [`.env.backup.${S2}`]: text,
    });
    const answer = await json(cli, ["prune", ".", "--older-than", "1d"]);
    expect(answer).toMatchObject({
      status: 7,
      deleted: [{ stamp: S2 }],
      kept: [{ backup: `.env.backup.${S1}`, reason: "it holds a master key" }],
    });
    expect(names(cli)).toEqual([".env", `.env.backup.${S1}`]);
  });

  test.each([
    ["is gone", undefined, "its file is gone"],
    ["does not parse", OLD.slice(0, -3), "its file does not open (SYNTAX)"],
    ["opens with no key", config(corrupted(BOUND.token)), "its file does not open (NO_KEY_OPENS)"],
    ["is empty", "", "its file does not open (FILE_EMPTY)"],
  ])("the backups of a file that %s stay, and are named", async (_, text, reason) => {
    const cli = prepared({
      "well.json": NEW,
      [`well.json.backup.${S1}`]: OLD,
      ...(text === undefined ? {} : { "bad.json": text }),
      [`bad.json.backup.${S1}`]: OLD,
    });
    const answer = await json(cli, ["prune", ".", "--older-than", "1d"]);
    expect(answer).toMatchObject({
      status: 7,
      deleted: [{ file: "well.json" }],
      kept: [{ backup: `bad.json.backup.${S1}`, reason }],
    });
    expect(cli.read(`bad.json.backup.${S1}`)).toBe(OLD);
    expect(names(cli)).not.toContain(`well.json.backup.${S1}`);
  });

  test("not while another run holds the directory", async () => {
    const { cli } = withBackups();
    const before = names(cli);
    const locks = await lockDirectories([cli.directory], "rotate-key");
    try {
      const { status, error } = await json(cli, ["prune", ".", "--keep", "1"]);
      expect({ status, code: error.code }).toEqual({ status: 10, code: "LOCKED" });
      expect(names(cli)).toEqual(before);
    } finally {
      locks.release();
    }
  });

  test("with the wrong key nothing goes", async () => {
    const cli = prepared({ "a.json": OLD, [`a.json.backup.${S1}`]: OLD }, `${OTHER_KEY}\n`);
    const { status, deleted } = await json(cli, [
      "prune",
      ".",
      "--keep",
      "1",
      "--older-than",
      "1d",
    ]);
    expect({ status, deleted }).toEqual({ status: 0, deleted: [] });
    const old = await json(cli, ["prune", ".", "--older-than", "1d"]);
    expect(old).toMatchObject({ status: 7, deleted: [] });
  });
});

describe("restore", () => {
  test("the newest backup; the backup stays, and the present text becomes one", async () => {
    const cli = prepared({
      "config.json": NEW,
      [`config.json.backup.${S1}`]: NEW.replace("8006", "8007"),
      [`config.json.backup.${S2}`]: OLD,
    });
    chmodSync(cli.path("config.json"), 0o640);
    const { status, stderr } = await spoken(cli, ["restore", "config.json"]);
    expect(status).toBe(0);
    expect(cli.read("config.json")).toBe(OLD);
    expect(cli.mode("config.json")).toBe("640");
    expect(cli.read(`config.json.backup.${S2}`)).toBe(OLD);
    const [kept = "", ...others] = names(cli).filter(
      (name) => name.startsWith("config.json.backup") && !name.includes(S1) && !name.includes(S2),
    );
    expect(others).toEqual([]);
    expect(cli.read(kept)).toBe(NEW);
    expect(cli.mode(kept)).toBe("640");
    expect(stderr).toContain("Restored 1 file:\n");
    expect(stderr).toContain(kept);
    expect(stderr).toContain(
      `warning: config.json opens with the retired key ${KEY_ID} only: run rotate-key to bring it to key ${OTHER_ID}\n`,
    );
    expect(stderr).toContain(
      `Check it: proxmox-mcp-encrypt status config.json --key-file ${cli.keyFile}\n`,
    );
    expect(stderr).toContain(
      `If a server reads it: proxmox-mcp-server --test --key-file ${cli.keyFile} config.json\n`,
    );
  });

  test("another by its stamp, and one by its own path", async () => {
    const cli = prepared({
      "config.json": NEW,
      [`config.json.backup.${S1}`]: OLD,
      [`config.json.backup.${S2}`]: NEW.replace("8006", "8007"),
    });
    const first = await json(cli, ["restore", "config.json", "--stamp", S1]);
    expect(first).toMatchObject({
      status: 0,
      outcome: "restored",
      files: [{ file: "config.json", stamp: S1, change: "replaced", opens: "retired" }],
    });
    expect(cli.read("config.json")).toBe(OLD);
    await json(cli, ["restore", `config.json.backup.${S2}`]);
    expect(cli.read("config.json")).toContain("8007");
  });

  test("every byte, whatever it is", async () => {
    const text = `\uFEFF# \u00e4\r\nMCPO_API_KEY="${await sealed("env:MCPO_API_KEY")}"\r\n\tx=1`;
    const cli = prepared({ ".env": "x=1\n", [`.env.backup.${S1}`]: text });
    expect(await json(cli, ["restore", ".env"])).toMatchObject({ status: 0 });
    expect(cli.read(".env")).toBe(text);
  });

  test("a file that is gone comes back with the mode of its backup", async () => {
    const cli = prepared({ [`config.json.backup.${S1}`]: OLD });
    chmodSync(cli.path(`config.json.backup.${S1}`), 0o640);
    const { status, files } = await json(cli, ["restore", "config.json"]);
    expect({ status, files }).toMatchObject({ status: 0, files: [{ change: "created" }] });
    expect(cli.read("config.json")).toBe(OLD);
    expect(cli.mode("config.json")).toBe("640");
  });

  test("through a link, which stays one, from the newest beside it or beside its file", async () => {
    const cli = prepared({
      "real/a.json": NEW,
      [`real/a.json.backup.${S1}`]: NEW.replace("8006", "8007"),
      [`link.json.backup.${S2}`]: OLD,
    });
    symlinkSync("real/a.json", cli.path("link.json"));
    expect(await json(cli, ["restore", "link.json"])).toMatchObject({ status: 0 });
    expect(lstatSync(cli.path("link.json")).isSymbolicLink()).toBe(true);
    expect(cli.read("real/a.json")).toBe(OLD);
  });

  test("a file that has the text already is not touched", async () => {
    const cli = prepared({ "a.json": OLD, [`a.json.backup.${S1}`]: OLD });
    const before = cli.snapshot();
    const { status, stderr } = await spoken(cli, ["restore", "a.json"]);
    expect(status).toBe(0);
    expect(stderr).toContain("Nothing to restore: nothing was changed.");
    expect(cli.snapshot()).toEqual(before);
  });

  describe("a whole run by its stamp", () => {
    const RUN = {
      "a.json": NEW,
      [`a.json.backup.${S1}`]: NEW.replace("8006", "8007"),
      [`a.json.backup.${S2}`]: OLD,
      "below/b.json": NEW,
      [`below/b.json.backup.${S2}`]: OLD,
      "other.json": NEW,
      [`other.json.backup.${S3}`]: OLD,
      [`dump.sql.backup.${S2}`]: "CREATE TABLE a;\n",
    };

    test("gives every file of it back", async () => {
      const cli = prepared(RUN);
      const answer = await json(cli, ["restore", ".", "--stamp", S2]);
      expect(answer).toMatchObject({
        status: 0,
        outcome: "restored",
        files: [{ file: "a.json" }, { file: "below/b.json" }],
        skipped: [{ backup: `dump.sql.backup.${S2}` }],
      });
      expect([cli.read("a.json"), cli.read("below/b.json")]).toEqual([OLD, OLD]);
      expect(cli.read("other.json")).toBe(NEW);
      const again = await json(cli, ["restore", ".", "--stamp", S2]);
      expect(again).toMatchObject({ status: 0, outcome: "nothing" });
    });

    test("or none: one backup that does not open stops all", async () => {
      const cli = prepared({
        ...RUN,
        [`below/b.json.backup.${S2}`]: config(corrupted(BOUND.token)),
      });
      const before = cli.snapshot();
      const { status, error } = await json(cli, ["restore", ".", "--stamp", S2]);
      expect({ status, code: error.code }).toEqual({ status: 5, code: "BACKUP_UNUSABLE" });
      expect(error.file).toBe(`below/b.json.backup.${S2}`);
      expect(error.location).toBe("/auth/token_value");
      expect(error.message).toMatch(
        new RegExp(`tried: key ${OTHER_ID}, key ${KEY_ID}.*nothing was changed`),
      );
      expect(cli.snapshot()).toEqual(before);
    });

    test("not without a stamp, and not where there is none", async () => {
      const cli = prepared(RUN);
      const before = cli.snapshot();
      const unnamed = await json(cli, ["restore", "."]);
      expect(unnamed.error).toMatchObject({
        code: "USAGE",
        hint: expect.stringMatching(/--stamp/),
      });
      const missing = await json(cli, ["restore", ".", "--stamp", "20270101_000000"]);
      expect(missing.error).toMatchObject({ code: "FILE_NOT_FOUND" });
      expect(cli.snapshot()).toEqual(before);
    });
  });

  test("two backups of one file", async () => {
    const cli = prepared({
      "a.json": NEW,
      [`a.json.backup.${S1}`]: OLD,
      [`a.json.backup.${S2}`]: OLD,
    });
    const paths = [`a.json.backup.${S1}`, `a.json.backup.${S2}`];
    const { status, error } = await json(cli, ["restore", ...paths]);
    expect({ status, code: error.code }).toEqual({ status: 2, code: "USAGE" });
  });

  test.each([
    ["a text that does not parse", OLD.slice(0, -3), /SYNTAX|JSON|cannot be restored/],
    ["a moved token", config(ELSEWHERE.token), /cannot be restored/],
    ["an empty text", "", /is empty/],
  ])("%s is never brought back", async (_, text, says) => {
    const cli = prepared({ "a.json": NEW, [`a.json.backup.${S1}`]: text });
    const before = cli.snapshot();
    const { status, stderr } = await spoken(cli, ["restore", "a.json"]);
    expect(status).toBe(5);
    expect(stderr).toMatch(/^error\[BACKUP_UNUSABLE\]: .*nothing was changed.*Way out: .*list/);
    expect(stderr).toMatch(says);
    expect(cli.snapshot()).toEqual(before);
  });

  test("where another key at hand opens the backup, it is named", async () => {
    const cli = prepared({ "a.json": NEW, [`a.json.backup.${S1}`]: OLD }, `${KEY}\n`);
    const around = { env: { PROXMOX_MCP_MASTER_KEY: OTHER_KEY } };
    const { status, error } = await json(cli, ["restore", "a.json"], around);
    expect(status).toBe(5);
    expect(error.hint).toContain(cli.keyFile);
  });

  test("a present text with a plain secret is not kept, and that is told", async () => {
    const cli = prepared({ "a.json": config(), [`a.json.backup.${S1}`]: NEW });
    const { status, warnings } = await json(cli, ["restore", "a.json"]);
    expect(status).toBe(0);
    expect(warnings).toEqual(["a.json held plain secrets: its text was not kept"]);
    expect(names(cli)).toEqual(["a.json", `a.json.backup.${S1}`]);
    expect(
      leaks(
        cli
          .snapshot()
          .filter((entry) => entry.startsWith("work/"))
          .join("\n"),
      ),
    ).toEqual([]);
  });

  test("a present text that nobody can parse is kept, and named", async () => {
    const broken = `${NEW.slice(0, -3)}\n`;
    const cli = prepared({ "a.json": broken, [`a.json.backup.${S1}`]: NEW });
    const { status, warnings, files } = await json(cli, ["restore", "a.json"]);
    expect(status).toBe(0);
    expect(cli.read("a.json")).toBe(NEW);
    expect(files[0].keptAs).toMatch(/^a\.json\.backup\.\d{8}_\d{6}$/);
    expect(cli.read(files[0].keptAs)).toBe(broken);
    expect(warnings).toEqual([expect.stringContaining(files[0].keptAs)]);
  });

  test("a binary and an empty file are replaced as well", async () => {
    const cli = prepared({
      "a.json": "",
      [`a.json.backup.${S1}`]: NEW,
      [`b.json.backup.${S1}`]: NEW,
    });
    cli.write("b.json", Buffer.of(0, 255, 0, 254));
    expect(await json(cli, ["restore", "a.json", "b.json"])).toMatchObject({ status: 0 });
    expect([cli.read("a.json"), cli.read("b.json")]).toEqual([NEW, NEW]);
    const kept = names(cli).filter((name) => name.includes(".backup.") && !name.includes(S1));
    expect(kept).toEqual([expect.stringMatching(/^b\.json\.backup\./)]);
  });

  test("a file that holds a master key is never replaced", async () => {
    const cli = prepared({ "a.json": `${OTHER_KEY}\n`, [`a.json.backup.${S1}`]: NEW });
    const before = cli.snapshot();
    const { status, error } = await json(cli, ["restore", "a.json"]);
    expect({ status, code: error.code }).toEqual({ status: 8, code: "OUTPUT_EXISTS" });
    expect(cli.snapshot()).toEqual(before);
  });

  test("--dry-run shows the plan, and does nothing", async () => {
    const cli = prepared({
      "a.json": config(),
      [`a.json.backup.${S1}`]: OLD,
      [`b.json.backup.${S1}`]: OLD,
    });
    const before = cli.snapshot();
    const { status, stderr } = await spoken(cli, ["restore", ".", "--stamp", S1, "--dry-run"]);
    expect(status).toBe(0);
    expect(stderr).toContain("2 files will be restored:");
    expect(stderr).toContain("its present text is lost: it holds plain secrets");
    expect(stderr).toContain("it is gone, and will be made");
    expect(cli.snapshot()).toEqual(before);
  });

  test("a restore that was killed is finished by the next one, which goes no further", async () => {
    const cli = prepared({
      "a.json": NEW,
      "b.json": NEW,
      [`a.json.backup.${S1}`]: OLD,
      [`b.json.backup.${S1}`]: OLD,
    });
    killTransaction(cli, "restore", ["a.json", "b.json"], OLD);

    const answer = await json(cli, ["restore", "a.json", "b.json"]);

    expect(answer).toMatchObject({
      status: 0,
      outcome: "recovered",
      recovered: [{ operation: "restore", outcome: "finished", left: [] }],
    });
    expect([cli.read("a.json"), cli.read("b.json")]).toEqual([OLD, OLD]);
    expect(names(cli).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test.each([
    ["a file", ["a.json"]],
    ["a directory", ["."]],
  ])("the backup that a killed rotation did not get to make, of %s", async (_, paths) => {
    const cli = prepared({ "a.json": OLD, "b.json": OLD });
    killTransaction(cli, "rotate-key", ["a.json", "b.json"], NEW);
    const flags = paths.includes(".") ? ["--stamp", stampOfRecord(cli)] : [];

    const answer = await json(cli, ["restore", ...paths, ...flags]);

    expect(answer).toMatchObject({
      status: 0,
      outcome: "restored",
      recovered: [{ operation: "rotate-key", outcome: "finished" }],
    });
    expect(cli.read("a.json")).toBe(OLD);
    expect(cli.read("b.json")).toBe(paths.includes(".") ? OLD : NEW);
  });

  test.each([
    ["the file", (cli: Cli) => cli.directory],
    ["the key file, where retire-key may be at work", (cli: Cli) => cli.home],
  ])("not while another run holds the directory of %s", async (_, directory) => {
    const cli = prepared({ "a.json": NEW, [`a.json.backup.${S1}`]: OLD });
    const locks = await lockDirectories([directory(cli)], "rotate-key");
    try {
      const { status, error } = await json(cli, ["restore", "a.json"]);
      expect({ status, code: error.code }).toEqual({ status: 10, code: "LOCKED" });
      expect(cli.read("a.json")).toBe(NEW);
    } finally {
      locks.release();
    }
  });

  test("nothing is asked and nothing is done without a key", async () => {
    const cli = prepared({ "a.json": NEW, [`a.json.backup.${S1}`]: OLD }, "");
    const { status, error } = await json(cli, ["restore", "a.json"]);
    expect({ status, code: error.code }).toEqual({ status: 3, code: "KEY_MISSING" });
    expect(cli.read("a.json")).toBe(NEW);
  });
});

/** The stamp of a run that was not closed. */
function stampOfRecord(cli: Cli): string {
  return /\d{8}_\d{6}/.exec(cli.read(".proxmox-mcp.txn"))?.[0] ?? "";
}

/** Gives files a text, and dies behind the commit point, with one of them replaced. */
function killTransaction(
  cli: Cli,
  operation: string,
  files: readonly string[],
  text: string,
): void {
  const script = `
    import { readTextFile, withTransaction } from "@proxmox-mcp/crypto/files";
    const [directory, operation, text, ...files] = process.argv.slice(1);
    const changes = files.map((file) => {
      const { target, hash } = readTextFile(directory + "/" + file);
      return { target, before: hash, make: () => ({ text }), backup: true };
    });
    const requested = changes.map(({ target }) => target);
    const onProgress = ({ step }) => step === "replace" && process.kill(process.pid, "SIGKILL");
    await withTransaction({ directories: [directory], operation }, ({ commit }) =>
      commit(changes, { requested, onProgress }),
    );`;
  const argv = ["--input-type=module", "--eval", script, cli.directory, operation, text, ...files];
  const { signal, stderr } = spawnSync(process.execPath, argv, {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  expect(signal, stderr).toBe("SIGKILL");
  expect(names(cli)).toContain(".proxmox-mcp.txn");
}
