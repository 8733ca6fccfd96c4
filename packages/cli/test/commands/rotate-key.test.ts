import { lstatSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BOUND, config, KEY, SECRET, vectors } from "../material.ts";
import {
  backupOf,
  CONFIG,
  deployment,
  ENV,
  expectRotated,
  idOf,
  LEGACY,
  leftovers,
  namesIn,
  OLD_ID,
  opened,
  refuses,
  SEALED,
  SERVERS,
  state,
  succeeds,
  texts,
  words,
} from "../rotation/deployment.ts";

const BACKUP = /^one\/config\.json\.backup\.\d{8}_\d{6}$/;

describe("the files", () => {
  test("get new tokens, and every other byte stays", async () => {
    const cli = deployment();
    const { stdout, stderr } = await succeeds(cli, ["rotate-key", CONFIG, SERVERS, ENV]);
    expect(stdout).toBe("");
    const tokens = Object.keys(SEALED).flatMap(
      (name) => cli.read(name).match(/enc:[\w=:-]+/g) ?? [],
    );
    expect(tokens).toHaveLength(4);
    const [secret = "", production = "", staging = "", gateway = ""] = tokens;
    for (const [name, text] of Object.entries(texts(secret, production, staging, gateway))) {
      expect(cli.read(name)).toBe(text);
      expect(text).not.toBe(SEALED[name]);
    }
    await expectRotated(cli, cli.read(cli.keyFile));
    expect(stderr).toContain(`${SERVERS}  2 tokens (1 becomes bound)  ${backupOf(cli, SERVERS)}`);
    expect(stderr).toContain(`${CONFIG}  1 token  ${backupOf(cli, CONFIG)}`);
    expect(stderr).toContain(
      `\nBound to their field now:\n  ${SERVERS} /servers/staging/token_secret  unbound -> bound\n\nNext:\n`,
    );
    const again = await succeeds(cli, ["rotate-key", CONFIG, SERVERS, ENV]);
    expect(again.stderr).not.toContain("Bound to");
  });

  test("keep their old texts beside them, with one stamp, mode and owner", async () => {
    const cli = deployment();
    cli.write(CONFIG, SEALED[CONFIG] ?? "", 0o640);
    await succeeds(cli, ["rotate-key", CONFIG, ENV]);
    expect(backupOf(cli, CONFIG)).toMatch(BACKUP);
    for (const name of [CONFIG, ENV]) expect(cli.read(backupOf(cli, name))).toBe(SEALED[name]);
    expect(backupOf(cli, CONFIG).slice(-15)).toBe(backupOf(cli, ENV).slice(-15));
    expect(cli.mode(CONFIG)).toBe("640");
    expect(cli.mode(backupOf(cli, CONFIG))).toBe("640");
    const { secrets, keyIds } = await opened(cli, cli.read(cli.keyFile), [CONFIG]);
    expect({ secrets, keyIds: keyIds.length }).toEqual({ secrets: [SECRET], keyIds: 1 });
  });

  test("two rotations in one second share no backup", async () => {
    const cli = deployment();
    for (let run = 0; run < 3; run += 1) await succeeds(cli, ["rotate-key", CONFIG]);
    const backups = namesIn(cli).filter((name) => name.includes(`${CONFIG}.backup.`));
    expect(backups).toHaveLength(3);
    expect(words(cli.read(cli.keyFile))).toHaveLength(4);
  });

  test("that hold a secret in plain text get no backup", async () => {
    const mixed = `MCPO_API_KEY=${gatewayToken()}\nPROXMOX_PASSWORD=${SECRET}\n`;
    const cli = deployment({ "mixed.env": mixed });
    const { stderr } = await succeeds(cli, ["rotate-key", "mixed.env"]);
    expect(stderr).toContain("mixed.env  1 token  no backup: it holds plain secrets");
    expect(namesIn(cli).filter((name) => name.includes(".backup."))).toEqual([]);
    expect(cli.read("mixed.env")).toContain(`\nPROXMOX_PASSWORD=${SECRET}\n`);
    expect(cli.read("mixed.env")).not.toContain(gatewayToken());
  });

  test("are rotated whatever their fields are called, legacy tokens become bound", async () => {
    const text = `{"some": {"thing/odd": ["x", ${JSON.stringify(LEGACY.token)}]}}\n`;
    const cli = deployment({ "odd.json": text });
    const { stdout } = await succeeds(cli, ["rotate-key", "odd.json", "--json"]);
    expect(JSON.parse(stdout).files).toEqual([
      {
        file: "odd.json",
        fields: [{ location: "/some/thing~1odd/1", state: "legacy", keyId: OLD_ID }],
        keepsBackup: true,
        backup: backupOf(cli, "odd.json"),
        strayLines: [],
      },
    ]);
    const [fresh = ""] = words(cli.read(cli.keyFile));
    const found = await opened(cli, fresh, ["odd.json"]);
    expect(found).toEqual({ secrets: [LEGACY.plaintext], keyIds: [idOf(fresh)] });
  });

  test("may hold tokens outside of any value: these stay, and are told", async () => {
    const stray = `# was ${LEGACY.token}\nMCPO_API_KEY=${gatewayToken()}\n`;
    const cli = deployment({ ".env": stray });
    const { stderr } = await succeeds(cli, ["rotate-key", ".env"]);
    expect(stderr).toContain(".env line 1: a token outside of any value stays on its old key");
    expect(cli.read(".env")).toContain(`# was ${LEGACY.token}\n`);
    const { stdout } = await succeeds(cli, ["rotate-key", ".env", "--json"]);
    expect(JSON.parse(stdout).files[0].strayLines).toEqual([1]);
  });

  test("without a token are skipped, and said so", async () => {
    const cli = deployment();
    cli.write("plain.json", config());
    const { stderr } = await succeeds(cli, ["rotate-key", CONFIG, "plain.json"]);
    expect(stderr).toContain("Skipped:\n  plain.json  it holds no token\n");
    expect(cli.read("plain.json")).toBe(config());
  });

  test.skipIf(process.platform === "win32")(
    "are rotated once, by whatever names; links stay links",
    async () => {
      const cli = deployment();
      symlinkSync("one/config.json", cli.path("link.json"));
      const { stderr } = await succeeds(cli, ["rotate-key", "link.json", CONFIG, `./${CONFIG}`]);
      expect(stderr).toContain("Rotated 1 file to key");
      expect(stderr).toContain(cli.path(backupOf(cli, CONFIG)));
      expect(lstatSync(cli.path("link.json")).isSymbolicLink()).toBe(true);
      expect(namesIn(cli).filter((name) => /^work\/link\.json\.backup/.test(name))).toEqual([]);
      expect((await opened(cli, cli.read(cli.keyFile), ["link.json"])).secrets).toEqual([SECRET]);
    },
  );

  test("that are missing, directories or stdin stop the run", async () => {
    const cli = deployment();
    await refuses(cli, ["rotate-key", CONFIG, "gone.json"], { status: 5, code: "FILE_NOT_FOUND" });
    await refuses(cli, ["rotate-key", "-"], { status: 2, code: "USAGE" });
    const { stderr } = await refuses(cli, ["rotate-key", "one"], {
      status: 5,
      code: "FILE_NOT_REGULAR",
    });
    expect(stderr).toContain("rotate-key-all one");
  });
});

describe("--dry-run", () => {
  test("shows files, fields, states, keys and backups, and changes nothing at all", async () => {
    const cli = deployment();
    cli.write("mixed.env", `MCPO_API_KEY=${gatewayToken()}\nPROXMOX_PASSWORD=${SECRET}\n`);
    const before = cli.snapshot();
    const { stderr, stdout } = await succeeds(
      cli,
      ["rotate-key", CONFIG, SERVERS, "mixed.env", "--dry-run"],
      { PROXMOX_MCP_AUDIT_LOG: join(cli.home, "audit.log") },
    );
    expect(cli.snapshot()).toEqual(before);
    expect(stdout).toBe("");
    expect(stderr).toBe(
      [
        `3 files will be rotated from key ${OLD_ID} to a new key:`,
        `  ${CONFIG}  1 token  keeps a backup`,
        `    /auth/token_value  bound, key ${OLD_ID}`,
        `  ${SERVERS}  2 tokens (1 becomes bound)  keeps a backup`,
        `    /servers/production/token_secret  bound, key ${OLD_ID}`,
        `    /servers/staging/token_secret  unbound, key ${OLD_ID}`,
        "  mixed.env  1 token  no backup: it holds plain secrets",
        `    env:MCPO_API_KEY  bound, key ${OLD_ID}`,
        `The new key will be stored in ${cli.keyFile}.`,
        "",
      ].join("\n"),
    );
  });

  test("names a key that waits, and JSON has the same", async () => {
    const cli = deployment();
    await succeeds(cli, ["prepare-key"]);
    const waiting = idOf((words(cli.read(cli.keyFile))[1] ?? "").replace("next:", ""));
    const before = cli.snapshot();
    const { stderr } = await succeeds(cli, ["rotate-key", CONFIG, "--dry-run"]);
    expect(stderr).toContain(`1 file will be rotated from key ${OLD_ID} to key ${waiting}:`);
    expect(stderr).toContain("The key was stored before, and becomes the active one in");
    const { stdout } = await succeeds(cli, ["rotate-key", CONFIG, "--dry-run", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      exitStatus: 0,
      command: "rotate-key",
      outcome: "planned",
      files: [
        {
          file: CONFIG,
          fields: [{ location: "/auth/token_value", state: "bound", keyId: OLD_ID }],
          keepsBackup: true,
          backup: null,
          strayLines: [],
        },
      ],
      skipped: [],
      failed: [],
      oldKeyId: OLD_ID,
      newKeyId: waiting,
      newKeyOrigin: "waiting",
      keyFrom: cli.keyFile,
      destination: { kind: "key-file", file: cli.keyFile },
      newKeyFile: null,
      pendingFile: null,
      recovered: [],
      interrupted: [],
      warnings: [],
    });
    expect(cli.snapshot()).toEqual(before);
  });

  test("works where nothing may be written, and takes no lock", async () => {
    const cli = deployment();
    cli.write("one/.proxmox-mcp.lock", "");
    const through = ["flock", cli.path("one/.proxmox-mcp.lock")];
    const { status } = await cli.run(["rotate-key", CONFIG, "--dry-run"], { through });
    expect(status).toBe(0);
  });

  test("fails like the run itself where a file cannot be rotated, or there is no place for a key", async () => {
    const cli = deployment();
    cli.write("bad.json", config("enc:nonsense"));
    await refuses(cli, ["rotate-key", "bad.json", "--dry-run"], {
      status: 6,
      code: "TOKEN_MALFORMED",
    });
    await refuses(
      cli,
      ["rotate-key", CONFIG, "--dry-run"],
      { status: 3, code: "KEY_DESTINATION" },
      { PROXMOX_MCP_MASTER_KEY: KEY },
    );
    const { status, stderr } = await cli.run([
      "rotate-key",
      CONFIG,
      "bad.json",
      "--dry-run",
      "--skip-unreadable",
    ]);
    expect(stderr).toContain("Will be left out:\n  bad.json:6:20 /auth/token_value  ");
    expect(status).toBe(7);
  });
});

describe("the flags of the Python tool", () => {
  test.each([
    [["--rotate-key", CONFIG]],
    [[CONFIG, "--rotate-key"]],
    [["--yes", CONFIG, "--rotate-key"]],
    [["--rotate-key", "--key-file", "my.key", CONFIG]],
  ])("%j", async (argv) => {
    const cli = deployment();
    cli.write("my.key", `${KEY}\n`, 0o600);
    const { stderr } = await succeeds(cli, argv);
    expect(stderr).toContain(`Rotated 1 file to key`);
    expect(backupOf(cli, CONFIG)).toMatch(BACKUP);
  });

  test.each([
    [["--rotate-key"], "Configuration file required for --rotate-key"],
    [["--rotate-key-all"], "Directory path required for --rotate-key-all"],
    [["--yes"], "Configuration file required (or use --generate-key)"],
  ])("%j without its file exits 2, in its words", async (argv, message) => {
    const cli = deployment();
    const { stderr } = await refuses(cli, argv, { status: 2, code: "USAGE" });
    expect(stderr).toContain(`error[USAGE]: ${message}.`);
  });
});

test.each([
  [["--resume", "--abort"], "'--resume' cannot be used with option '--abort'"],
  [["--resume", "--dry-run"], "'--resume' cannot be used with option '--dry-run'"],
  [["--abort", "--dry-run"], "'--abort' cannot be used with option '--dry-run'"],
  [["--new-key-out", ""], "--new-key-out"],
  [["--new-key-sink", "x", "--sink-time-limit", "soon"], "--sink-time-limit"],
])("%j is a mistake", async (flags, message) => {
  const cli = deployment();
  const { stderr } = await refuses(cli, ["rotate-key", CONFIG, ...flags], {
    status: 2,
    code: "USAGE",
  });
  expect(stderr).toContain(message);
});

test("no key: nothing is done, and the first steps are named", async () => {
  const cli = deployment();
  cli.write("empty.key", "", 0o600);
  await refuses(cli, ["rotate-key", CONFIG, "--key-file", "empty.key"], {
    status: 3,
    code: "KEY_EMPTY",
  });
  await refuses(cli, ["rotate-key", CONFIG, "--key-file", "no.key"], {
    status: 3,
    code: "KEY_UNREADABLE",
  });
});

test("long runs tell how far they are, on stderr alone; short ones and --json do not", async () => {
  const files: Record<string, string> = {};
  for (let index = 0; index < 9; index += 1) files[`c${index}.json`] = config(BOUND.token);
  const cli = deployment(files);
  const { stdout, stderr } = await succeeds(cli, ["rotate-key", ...Object.keys(files)]);
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /^Checking 9 files\nWriting 10 files\nReplacing 10 files\nRotated 9 files/,
  );
  const json = await succeeds(cli, ["rotate-key", ...Object.keys(files), "--json"]);
  expect(json.stderr).toBe("");
  const short = await succeeds(cli, ["rotate-key", "c0.json"]);
  expect(short.stderr).toMatch(/^Rotated 1 file/);
});

test("the new file is a new inode, and nothing else stays beside it", async () => {
  const cli = deployment();
  const { ino } = statSync(cli.path(CONFIG));
  await succeeds(cli, ["rotate-key", CONFIG]);
  expect(statSync(cli.path(CONFIG)).ino).not.toBe(ino);
  expect(statSync(cli.path(CONFIG)).nlink).toBe(1);
  expect(leftovers(cli)).toEqual([]);
  expect(state(cli).filter((line) => line.startsWith("work/one/"))).toHaveLength(3);
});

function gatewayToken(): string {
  return vectors.good.find(({ location }) => location === "env:MCPO_API_KEY")?.token ?? "";
}
