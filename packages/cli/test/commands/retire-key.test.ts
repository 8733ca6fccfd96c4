import { chmodSync, existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseMasterKey } from "@proxmox-mcp/crypto";
import { lockDirectories } from "@proxmox-mcp/crypto/files";
import { describe, expect, test } from "vitest";
import { type Cli, createCli, type Outcome } from "../cli.ts";
import { leakDetector } from "../leaks.ts";
import {
  BOUND,
  config,
  corrupted,
  ELSEWHERE,
  OTHER_KEY as NEW,
  KEY as OLD,
  SECRET,
  vectors,
} from "../material.ts";
import { asOrdinaryUser } from "../ordinary-user.ts";

const OLD_ID = idOf(OLD);
const NEW_ID = idOf(NEW);
const BOTH = `${NEW}\n${OLD}\n`;
/** Sealed with the old key. */
const OLD_TOKEN = BOUND.token;
const STAMP = "20260131_120000";
const posix = process.platform !== "win32";
const leaks = leakDetector({ OLD, NEW, SECRET });

function idOf(key: string): string {
  return parseMasterKey(key).id ?? "";
}

/** A key file that holds both keys, and a config that was sealed with the new one. */
async function rotated(): Promise<Cli> {
  const cli = createCli();
  cli.write(cli.keyFile, BOTH, 0o600);
  cli.write("config.json", config());
  expect((await cli.run(["encrypt", "config.json", "--in-place"])).status).toBe(0);
  return cli;
}

/** What is there, but for what a run may leave empty. */
function state(cli: Cli): readonly string[] {
  return cli.snapshot().filter((line) => !line.includes(".proxmox-mcp.lock"));
}

async function refused(cli: Cli, argv: readonly string[] = ["retire-key", "."]): Promise<Outcome> {
  const before = state(cli);
  const outcome = await cli.run(argv);
  expect(outcome.stderr).toMatch(/^error\[RETIRE_REFUSED\].*nothing was changed\. Way out: /s);
  expect({ status: outcome.status, stdout: outcome.stdout }).toEqual({ status: 7, stdout: "" });
  expect(state(cli)).toEqual(before);
  expect(leaks(outcome.stderr)).toEqual([]);
  return outcome;
}

async function done(
  cli: Cli,
  argv: readonly string[] = ["retire-key", "."],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const outcome = await cli.run(argv, { env });
  expect(outcome.stderr).toContain(`Retired key ${OLD_ID}: key ${NEW_ID} stands alone now`);
  expect({ status: outcome.status, stdout: outcome.stdout }).toEqual({ status: 0, stdout: "" });
  expect(leaks(outcome.stderr)).toEqual([]);
  return outcome;
}

async function opens(cli: Cli, file: string, argv: readonly string[] = []): Promise<void> {
  const { stdout } = await cli.run(["decrypt", file, ...argv, "--field", "/auth/token_value"]);
  expect(stdout).toBe(`${SECRET}\n`);
}

test("leaves the active key alone in its file, and what is sealed with it opens", async () => {
  const cli = await rotated();
  await done(cli);
  expect(cli.read(cli.keyFile)).toBe(`${NEW}\n`);
  expect(cli.mode(cli.keyFile)).toBe("600");
  await opens(cli, "config.json");
});

test("with one key there is nothing to do, as often as it is asked", async () => {
  const cli = await rotated();
  await done(cli);
  const before = state(cli);
  for (const argv of [
    ["retire-key", "."],
    ["retire-key", ".", "--dry-run"],
  ]) {
    const { status, stderr } = await cli.run(argv);
    expect(status).toBe(0);
    expect(stderr).toBe(`Nothing to retire: key ${NEW_ID} stands alone in ${cli.keyFile}.\n`);
  }
  expect(state(cli)).toEqual(before);
});

test("after a rotation only its backups stand in the way", async () => {
  const cli = createCli();
  cli.write("config.json", config());
  cli.write("sub/.env", `MCPO_API_KEY=${SECRET}\n`);
  await cli.run(["generate-key"]);
  await cli.run(["encrypt", "config.json", "--in-place"]);
  await cli.run(["encrypt", "sub/.env", "--in-place"]);
  expect((await cli.run(["rotate-key-all", "."])).status).toBe(0);
  const { stderr } = await refused(cli);
  expect(stderr).toMatch(/2 things .*config\.json\.backup\.\w+:6; sub\/\.env\.backup\.\w+:1/);
  expect(stderr).toMatch(/--delete-backups.*--archive-key FILE/);
  const { status } = await cli.run(["retire-key", ".", "--delete-backups"]);
  expect(status).toBe(0);
  expect(cli.read(cli.keyFile).trim().split("\n")).toHaveLength(1);
  expect(state(cli).filter((line) => line.includes(".backup."))).toEqual([]);
  await opens(cli, "config.json");
});

describe("refuses for a token of the old key", () => {
  const escaped = `\\u0065nc${OLD_TOKEN.slice(3).replaceAll("=", "\\u003d")}`;
  test.each<[string, string, string | Buffer, number]>([
    ["in a config", "deep/er/old.json", config(OLD_TOKEN), 6],
    ["in a file of any name", "notes", `see\n${OLD_TOKEN}`, 2],
    ["in an example config", "config.example.json", config(OLD_TOKEN), 6],
    ["in another field than its own", "moved.json", config(ELSEWHERE.token), 6],
    ["without a binding", "readable.yaml", `password: ${vectors.readable[1]?.token}\n`, 1],
    ["of the oldest form", "legacy.env", `PROXMOX_PASSWORD=${vectors.readable[0]?.token}\n`, 1],
    ["in a comment", "commented.yaml", `a: 1\n# was: ${OLD_TOKEN}\n`, 2],
    ["inside of a longer text", "nested.json", `{"a": ${JSON.stringify(config(OLD_TOKEN))}}`, 1],
    ["spelled with escapes", "escaped.json", `{\n"a": "${escaped}" }`, 2],
    ["spelled with escapes, in a longer text", "long.json", `{ "a": "see: ${escaped}" }`, 1],
    [
      "folded over two lines",
      "folded.yaml",
      `a: "${OLD_TOKEN.slice(0, 99)}\\\n  ${OLD_TOKEN.slice(99)}"\n`,
      1,
    ],
    ["in UTF-16", "wide.txt", Buffer.from(`a\n${OLD_TOKEN}`, "utf16le"), 2],
    ["between binary", "blob", Buffer.from(`\0\xff\n\n${OLD_TOKEN}\0\xfe`, "latin1"), 3],
    ["in a config that nobody can parse any more", "broken.json", `{ "a": "${OLD_TOKEN}", }`, 1],
  ])("%s", async (_, name, content, line) => {
    const cli = await rotated();
    cli.write(name, content);
    const { stderr } = await refused(cli);
    expect(stderr).toContain(`${name}:${line}: `);
    expect(stderr).toContain(`opens only with key ${OLD_ID}`);
  });

  test.skipIf(!posix)("in a file that a link leads to", async () => {
    const cli = await rotated();
    cli.write(join(cli.home, "elsewhere.json"), config(OLD_TOKEN));
    symlinkSync(join(cli.home, "elsewhere.json"), cli.path("linked.json"));
    expect((await refused(cli)).stderr).toContain("linked.json:6: ");
  });

  test("in what a killed run left of a file that is gone", async () => {
    const cli = await rotated();
    cli.write(".gone.json.pm-0123456789abcdef.old", config(OLD_TOKEN));
    expect((await refused(cli)).stderr).toContain(".gone.json.pm-0123456789abcdef.old:6: ");
  });

  test("in the last of a hundred", async () => {
    const cli = await rotated();
    const sealed = cli.read("config.json").match(/enc:[^"]*/)?.[0];
    cli.write("many.txt", `${`${sealed}\n`.repeat(99)}${OLD_TOKEN}\n`);
    expect((await refused(cli)).stderr).toContain("many.txt:100: ");
  });
});

test("takes away what a killed run left of a file that is there", async () => {
  const cli = await rotated();
  cli.write(".config.json.pm-0123456789abcdef.new", config(OLD_TOKEN));
  cli.write(".config.json.pm-0123456789abcdef.old", config(OLD_TOKEN));
  await done(cli);
  expect(state(cli).filter((line) => line.includes(".pm-"))).toEqual([]);
});

test("waits for nobody: another run below the directories stops it", async () => {
  const cli = await rotated();
  cli.write("sub/other.json", "{}");
  const locks = await lockDirectories([cli.path("sub")], "encrypt");
  const { status, stderr } = await cli.run(["retire-key", "."]);
  locks.release();
  expect(status).toBe(10);
  expect(stderr).toMatch(/^error\[LOCKED\].*encrypt/);
  expect(cli.read(cli.keyFile)).toBe(BOTH);
});

test.skipIf(process.platform !== "linux")(
  "clears away the lock of a run that is dead",
  async () => {
    const cli = await rotated();
    cli.write("sub/.proxmox-mcp.lock", "");
    await done(cli);
    expect(existsSync(cli.path("sub/.proxmox-mcp.lock"))).toBe(false);
  },
);

describe("refuses where it cannot tell", () => {
  test("what a token of a newer version needs", async () => {
    const cli = await rotated();
    const newer = vectors.bad.find(({ expect }) => expect === "newer")?.token ?? "";
    cli.write("newer.json", config(newer));
    expect((await refused(cli)).stderr).toMatch(/newer\.json:6: .*newer version/);
  });

  test("what a config holds that nobody can parse", async () => {
    const cli = await rotated();
    cli.write("broken.json", '{ "a": "enc:\\u00', 0o644);
    expect((await refused(cli)).stderr).toMatch(/broken\.json:1/);
  });

  test.skipIf(asOrdinaryUser === undefined)("what a file holds that it cannot read", async () => {
    const cli = createCli();
    for (const directory of [cli.directory, cli.home]) chmodSync(directory, 0o777);
    const through = asOrdinaryUser ?? [];
    cli.write("closed.txt", "nothing", 0o000);
    const env = { PROXMOX_MCP_MASTER_KEY: BOTH };
    const argv = ["retire-key", ".", "--new-key-sink", "sh -c 'cat >taken'"];
    const outcome = await cli.run(argv, { through, env });
    expect(outcome.stderr).toMatch(/^error\[RETIRE_REFUSED\].*closed\.txt: permission denied; n/);
    expect(outcome.status).toBe(7);
    expect(existsSync(cli.path("taken"))).toBe(false);
  });

  test("which directory is meant", async () => {
    const cli = await rotated();
    const { status, stderr } = await cli.run(["retire-key", ".", "absent"]);
    expect(status).toBe(5);
    expect(stderr).toMatch(/^error\[FILE_NOT_FOUND\].*absent/);
    expect(cli.read(cli.keyFile)).toBe(BOTH);
  });
});

describe("goes on, and says so,", () => {
  test("for a token that no key opens: nothing at hand is lost", async () => {
    const cli = await rotated();
    cli.write("stranger.json", config(corrupted(OLD_TOKEN)));
    cli.write("cut.yaml", `a: ${OLD_TOKEN.slice(0, -1)}\n`);
    const { stderr } = await done(cli);
    expect(stderr).toContain("warning: stranger.json line 6: no key at hand opens this token");
    expect(stderr).toContain("warning: cut.yaml line 1: ");
  });

  test.skipIf(!posix)(
    "for links to nothing, to a device, and to what it looks at anyway",
    async () => {
      const cli = await rotated();
      cli.write("sub/a.txt", "a");
      symlinkSync("sub", cli.path("here"));
      symlinkSync("nowhere", cli.path("dangling"));
      symlinkSync("/dev/null", cli.path("device"));
      const { stderr } = await done(cli);
      expect(stderr).not.toMatch(/here|dangling|device/);
    },
  );
});

test.skipIf(!posix)(
  "does not go on for a link to a directory elsewhere, which it does not follow",
  async () => {
    const cli = await rotated();
    symlinkSync(cli.home, cli.path("away"));
    const { stderr } = await refused(cli);
    expect(stderr).toContain("away: this lin");
  },
);

describe("--delete-backups", () => {
  test("keeps the backup of a file that is gone, and the key that opens it", async () => {
    const cli = await rotated();
    cli.write(`gone.json.backup.${STAMP}`, config(OLD_TOKEN));
    const { stderr } = await refused(cli, ["retire-key", ".", "--delete-backups"]);
    expect(stderr).toContain("this backup may be needed, and is not deleted");
  });
});

describe("in node_modules and .git", () => {
  test.each([
    "node_modules/a/old.json",
    "deep/node_modules/.a.json.pm-0123456789abcdef.old",
    ".git/note",
  ])("a token that opens only with the old key is in the way: %s", async (path) => {
    const cli = await rotated();
    cli.write(path, config(OLD_TOKEN));
    expect((await refused(cli)).stderr).toContain(`${path}:6`);
  });

  test("tokens of others are none of our business", async () => {
    const cli = await rotated();
    cli.write("node_modules/a/README.md", `\`${corrupted(OLD_TOKEN)}\`\n`);
    expect((await done(cli)).stderr).not.toContain("README.md");
  });
});

test("looks at broken files only for tokens", async () => {
  const cli = await rotated();
  cli.write("tsconfig.json", "{ // no config of ours\n}");
  cli.write("empty.json", "");
  cli.write("key.env", `${OLD}\n`, 0o600);
  await done(cli);
});

describe("while a successor waits", () => {
  test("in the key text, it is refused", async () => {
    const cli = await rotated();
    cli.write(cli.keyFile, `${NEW}\nnext:${OLD}\n`, 0o600);
    const { stderr } = await refused(cli);
    expect(stderr).toContain(`key ${OLD_ID} waits to become the active one`);
    expect(stderr).toContain("rotate-key-all .");
  });

  test("in a pending file, it is refused", async () => {
    const cli = await rotated();
    const pending = join(cli.home, `.local/state/proxmox-mcp/pending-${OLD_ID}`);
    cli.write(cli.keyFile, `${NEW}\n`, 0o600);
    cli.write(pending, `${NEW}\nnext:${OLD}\n`, 0o600);
    chmodSync(join(cli.home, ".local/state/proxmox-mcp"), 0o700);
    expect((await refused(cli)).stderr).toContain(`key ${OLD_ID} waits`);
  });
});

describe("backups", () => {
  const OLD_BACKUP = `config.json.backup.${STAMP}`;
  const NEW_BACKUP = "config.json.backup.20260201_120000";

  async function withBackups(): Promise<Cli> {
    const cli = await rotated();
    cli.write(OLD_BACKUP, config(OLD_TOKEN));
    cli.write(NEW_BACKUP, cli.read("config.json"));
    return cli;
  }

  test("that open only with the old key are refused", async () => {
    const cli = await withBackups();
    const { stderr } = await refused(cli);
    expect(stderr).toContain(`${OLD_BACKUP}:6: `);
    expect(stderr).not.toContain(NEW_BACKUP);
  });

  test("are deleted with --delete-backups, those alone", async () => {
    const cli = await withBackups();
    await done(cli, ["retire-key", ".", "--delete-backups"]);
    expect(existsSync(cli.path(OLD_BACKUP))).toBe(false);
    await opens(cli, NEW_BACKUP);
    expect(cli.read(cli.keyFile)).toBe(`${NEW}\n`);
  });

  test("stay with --archive-key, and open with it", async () => {
    const cli = await withBackups();
    const { stderr } = await done(cli, ["retire-key", ".", "--archive-key", "old.key"]);
    expect(stderr).toContain("old.key (mode 600), for 1 backup");
    expect(cli.read("old.key")).toBe(`${OLD}\n`);
    expect(cli.mode("old.key")).toBe("600");
    expect(cli.read(cli.keyFile)).toBe(`${NEW}\n`);
    await opens(cli, OLD_BACKUP, ["--key-file", "old.key"]);
  });

  test.each([["--delete-backups"], ["--archive-key", "old.key"]])(
    "are no excuse for a config: %s",
    async (...flags) => {
      const cli = await withBackups();
      cli.write("old.json", config(OLD_TOKEN));
      const { stderr } = await refused(cli, ["retire-key", ".", ...flags]);
      expect(stderr).toContain("old.json:6: ");
      expect(stderr).not.toContain(OLD_BACKUP);
    },
  );

  test("an archive that is there already is never touched", async () => {
    const cli = await withBackups();
    cli.write("old.key", BOTH, 0o600);
    const before = state(cli);
    for (const flags of [[], ["--dry-run"]]) {
      const argv = ["retire-key", ".", "--archive-key", "old.key", ...flags];
      const { status, stderr } = await cli.run(argv);
      expect(status).toBe(8);
      expect(stderr).toMatch(/^error\[KEY_FILE_EXISTS\].*old\.key.*nothing was changed/);
    }
    expect(state(cli)).toEqual(before);
  });

  test("an archive that an earlier run made of the same key is taken for done", async () => {
    const cli = await withBackups();
    cli.write("old.key", `${OLD}\n`, 0o644);
    await done(cli, ["retire-key", ".", "--archive-key", "old.key"]);
    expect(cli.read("old.key")).toBe(`${OLD}\n`);
    expect(cli.mode("old.key")).toBe("600");
  });

  test("are not to be deleted and kept at once", async () => {
    const cli = await withBackups();
    const argv = ["retire-key", ".", "--delete-backups", "--archive-key", "old.key"];
    const { status, stderr } = await cli.run(argv);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error\[USAGE\].*exclude each other/);
  });

  test("are left alone while another run may restore them", async () => {
    const cli = await withBackups();
    const locks = await lockDirectories([cli.directory], "backups-restore");
    const { status, stderr } = await cli.run(["retire-key", ".", "--delete-backups"]);
    locks.release();
    expect(status).toBe(10);
    expect(stderr).toMatch(/^error\[LOCKED\].*backups-restore/);
    expect(cli.read(cli.keyFile)).toBe(BOTH);
    await done(cli, ["retire-key", ".", "--delete-backups"]);
  });
});

describe.skipIf(!posix)("at a sink", () => {
  const SINK = "sh -c 'cat >stored; printf %s $PROXMOX_MCP_SINK_PHASE >phase'";
  const VARIABLE = { PROXMOX_MCP_MASTER_KEY: BOTH };
  const ARGV = ["retire-key", ".", "--new-key-sink", SINK];

  /** As after a rotation through a sink: its pending file is still there. */
  async function promoted(): Promise<{ cli: Cli; pending: string }> {
    const cli = await rotated();
    rmSync(cli.keyFile);
    const pending = join(cli.home, `.local/state/proxmox-mcp/pending-${NEW_ID}`);
    cli.write(pending, `${OLD}\nnext:${NEW}\n`, 0o600);
    chmodSync(join(cli.home, ".local/state/proxmox-mcp"), 0o700);
    return { cli, pending };
  }

  test("it gets the active key alone, and the pending file goes", async () => {
    const { cli, pending } = await promoted();
    await done(cli, ARGV, VARIABLE);
    expect(cli.read("stored")).toBe(`${NEW}\n`);
    expect(cli.read("phase")).toBe("retire");
    expect(existsSync(pending)).toBe(false);
  });

  test("a variable without a sink has no place: exit 3, and a dry run tells", async () => {
    const { cli, pending } = await promoted();
    const { status, stderr } = await cli.run(["retire-key", "."], { env: VARIABLE });
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^error\[KEY_DESTINATION\].*PROXMOX_MCP_MASTER_KEY.*nothing was changed.*--new-key-sink/,
    );
    expect(existsSync(pending)).toBe(true);
    const dry = await cli.run(["retire-key", ".", "--dry-run"], { env: VARIABLE });
    expect(dry.status).toBe(0);
    expect(dry.stderr).toMatch(/warning: .*PROXMOX_MCP_MASTER_KEY/);
    expect(dry.stderr).toContain(`Key ${OLD_ID} will be retired`);
  });

  test("a sink that fails keeps every key where it is", async () => {
    const { cli, pending } = await promoted();
    cli.write(`config.json.backup.${STAMP}`, config(OLD_TOKEN));
    const argv = ["retire-key", ".", "--delete-backups", "--new-key-sink", "sh -c 'cat; exit 3'"];
    const { status, stderr } = await cli.run(argv, { env: VARIABLE });
    expect(status).toBe(9);
    expect(stderr).toMatch(
      /^error\[NOT_CLOSED\].*kept here.*old backups were deleted before \(1\).*run the command again/,
    );
    expect(cli.read(pending)).toBe(`${OLD}\nnext:${NEW}\n`);
    await done(cli, ARGV, VARIABLE);
    expect(existsSync(pending)).toBe(false);
  });

  test("a sink that fails after nothing else was done has a status of its own", async () => {
    const { cli } = await promoted();
    const argv = ["retire-key", ".", "--archive-key", "old.key", "--new-key-sink", "false"];
    const { status, stderr } = await cli.run(argv, { env: VARIABLE });
    expect(status).toBe(8);
    expect(stderr).toMatch(/^error\[SINK_FAILED\].*kept.*the old keys are in old\.key as well/);
    await done(cli, [...ARGV, "--archive-key", "old.key"], VARIABLE);
    expect(cli.read("old.key")).toBe(`${OLD}\n`);
  });

  test("the old key of a pending file counts, though the key text has lost it", async () => {
    const { cli, pending } = await promoted();
    const env = { PROXMOX_MCP_MASTER_KEY: NEW };
    cli.write("old.json", config(OLD_TOKEN));
    const { status, stderr } = await cli.run(["retire-key", "."], { env });
    expect(status).toBe(7);
    expect(stderr).toContain("old.json:6: ");
    expect(cli.read(pending)).toContain(OLD);
    cli.write("old.json", config());
    await done(cli, ["retire-key", "."], env);
    expect(existsSync(pending)).toBe(false);
  });

  test("first the backups, then the sink, then the key file, then the pending file", async () => {
    const { cli, pending } = await promoted();
    cli.write(cli.keyFile, BOTH, 0o600);
    const backup = `config.json.backup.${STAMP}`;
    cli.write(backup, config(OLD_TOKEN));
    // Kills the run at the moment when the sink has stored the text.
    const sink = `sh -c 'cat >stored; ls -A >then; cp ${cli.keyFile} keys-then; kill -9 $PPID'`;
    const argv = ["retire-key", ".", "--delete-backups", "--new-key-sink"];
    const killed = await cli.run([...argv, sink]);
    expect(killed.signal).toBe("SIGKILL");
    expect(cli.read("then")).not.toContain(backup);
    expect(cli.read("keys-then")).toBe(BOTH);
    expect(cli.read(cli.keyFile)).toBe(BOTH);
    expect(existsSync(pending)).toBe(true);
    writeFileSync(cli.path("keys-then"), "");
    await done(cli, [...argv, SINK]);
    expect(cli.read("stored")).toBe(`${NEW}\n`);
    expect(cli.read(cli.keyFile)).toBe(`${NEW}\n`);
    expect(existsSync(pending)).toBe(false);
  });

  test("is not reached while another run stores a key there", async () => {
    const { cli } = await promoted();
    const locks = await lockDirectories([join(cli.home, ".local/state/proxmox-mcp")], "rotate-key");
    const { status } = await cli.run(ARGV, { env: VARIABLE });
    locks.release();
    expect(status).toBe(10);
    expect(existsSync(cli.path("stored"))).toBe(false);
  });
});

describe("--dry-run", () => {
  test("shows what stands in the way, with exit 7, and changes nothing", async () => {
    const cli = await rotated();
    cli.write("old.json", config(OLD_TOKEN));
    cli.write(`a.json.backup.${STAMP}`, config(OLD_TOKEN));
    cli.write(".config.json.pm-0123456789abcdef.new", "half");
    const before = state(cli);
    const { status, stderr } = await cli.run(["retire-key", ".", "--dry-run"]);
    expect(status).toBe(7);
    expect(stderr).toContain("No key can be retired yet:");
    expect(stderr).toContain(`  a.json.backup.${STAMP}:6  a token opens only with key ${OLD_ID}`);
    expect(stderr).toContain(`  old.json:6  a token opens only with key ${OLD_ID}`);
    expect(stderr).toMatch(/warning: \. holds what an interrupted run left/);
    expect(state(cli)).toEqual(before);
  });

  test("shows what would go, with exit 0, and changes nothing", async () => {
    const cli = await rotated();
    cli.write(`config.json.backup.${STAMP}`, config(OLD_TOKEN));
    const before = state(cli);
    const { status, stderr } = await cli.run(["retire-key", ".", "--dry-run", "--delete-backups"]);
    expect(status).toBe(0);
    expect(stderr.split("\n")).toEqual([
      `Key ${OLD_ID} will be retired; key ${NEW_ID} stays alone in ${cli.keyFile}.`,
      "Nothing of 2 files below . needs an old key, but for 1 backup.",
      "These backups will be deleted:",
      `  config.json.backup.${STAMP}`,
      "What was encrypted with an old key and is elsewhere (git history, other machines) opens no more.",
      "",
    ]);
    expect(state(cli)).toEqual(before);
  });
});

describe("a directory where nothing uses the active key", () => {
  test.each([
    ["is empty", {}],
    ["holds only tokens that nobody opens", { "empty/a.json": config(corrupted(OLD_TOKEN)) }],
  ])("is the wrong one: it %s", async (_, files) => {
    const cli = await rotated();
    cli.write("empty/.keep", "");
    for (const [name, text] of Object.entries(files)) cli.write(name, text);
    const before = state(cli);
    const { status, stderr } = await cli.run(["retire-key", "empty"]);
    expect(status).toBe(7);
    expect(stderr).toContain(
      `error[RETIRE_REFUSED]: no token below empty was sealed with key ${NEW_ID}, the active one`,
    );
    expect(state(cli)).toEqual(before);
  });
});

describe("--json", () => {
  test("tells all of it", async () => {
    const cli = await rotated();
    cli.write(`a.json.backup.${STAMP}`, config(OLD_TOKEN));
    cli.write("stranger.json", config(corrupted(OLD_TOKEN)));
    const { stdout, stderr } = await cli.run(["retire-key", ".", "--archive-key", "k", "--json"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      exitStatus: 0,
      command: "retire-key",
      outcome: "retired",
      activeKeyId: NEW_ID,
      oldKeyIds: [OLD_ID],
      keyFrom: cli.keyFile,
      destination: { kind: "key-file", file: cli.keyFile },
      filesChecked: 3,
      obstacles: [],
      backups: [`a.json.backup.${STAMP}`],
      deletesBackups: false,
      archive: "k",
      pendingFile: null,
      unopened: [{ file: "stranger.json", lines: [6] }],
      recovered: [],
      warnings: [],
    });
    expect(leaks(stdout)).toEqual([]);
  });

  test("names every obstacle, in a dry run and in a refusal", async () => {
    const cli = await rotated();
    cli.write("old.json", config(OLD_TOKEN));
    const dry = JSON.parse((await cli.run(["retire-key", ".", "--dry-run", "--json"])).stdout);
    expect(dry).toMatchObject({
      ok: true,
      exitStatus: 7,
      outcome: "planned",
      obstacles: [{ kind: "file", code: "RETIRE_REFUSED", file: "old.json", line: 6 }],
    });
    const { stdout } = await cli.run(["retire-key", ".", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      exitStatus: 7,
      error: { code: "RETIRE_REFUSED", problems: [{ file: "old.json", line: 6 }] },
    });
  });
});
