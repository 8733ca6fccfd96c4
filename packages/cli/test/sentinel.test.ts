/**
 * A marked secret and a marked key go through every command and many failures, and must not come out
 * in any spelling: not in streams, logs, files or file names, nor in what other users see of the
 * process and of those that it starts.
 */
import { chmodSync, existsSync, rmSync } from "node:fs";
import { describe, expect, type TestContext, test } from "vitest";
import { type Cli, createCli, type Outcome, type Surroundings } from "./cli.ts";
import { type LeakDetector, leakDetector } from "./leaks.ts";
import { config, corrupted, OTHER_KEY } from "./material.ts";
import { findProgram } from "./programs.ts";

/** Marked examples, made to look different in every spelling. */
const SECRET = 'Example "marked" secret: qZ7/vW+3é\\x9K%2B <not a real one>';
const KEY = Buffer.from(
  "c0ffee5eedfeedfacedeadbeef0123456789abcdef102030405060708090a0b0",
  "hex",
).toString("base64url");
const KEY_TEXT = `${KEY}=`;
const K = "PROXMOX_MCP_MASTER_KEY";

const leaks = leakDetector({
  secret: SECRET,
  key: KEY_TEXT,
  "bytes of the key": Buffer.from(KEY, "base64url"),
});

const DEBUG = { PROXMOX_MCP_DEBUG: "true", PROXMOX_MCP_AUDIT_LOG: "audit.log" };

/** A key in the home, a plain config and what is made of it. */
async function prepared(context?: Pick<TestContext, "onTestFinished">): Promise<Cli> {
  const cli = createCli(context?.onTestFinished);
  cli.write(cli.keyFile, `${KEY_TEXT}\n`, 0o600);
  cli.write("config.json", config(SECRET), 0o600);
  expect((await cli.run(["encrypt", "config.json", "-o", "sealed.json"])).status).toBe(0);
  return cli;
}

/** The same after a rotation: the key file has a new key and the marked one, and there are backups. */
async function rotated(context?: Pick<TestContext, "onTestFinished">): Promise<Cli> {
  const cli = await prepared(context);
  rmSync(cli.path("config.json"));
  cli.write("sealed.json.backup.20240101_000000", cli.read("sealed.json"));
  expect((await cli.run(["rotate-key-all", "."])).status).toBe(0);
  return cli;
}

/** Finds the keys of a key file, and all that is marked. */
function detectorFor(cli: Cli): LeakDetector {
  const made = leakDetector(
    Object.fromEntries(cli.read(cli.keyFile).trim().split(/\s+/).entries()),
  );
  return (text) => [...leaks(text), ...made(text)];
}

function expectNoLeak(cli: Cli, { stdout, stderr }: Outcome, found: LeakDetector = leaks): void {
  expect(found(stdout)).toEqual([]);
  expect(found(stderr)).toEqual([]);
  // The key file and the plain config are where the marks come from.
  const others = cli
    .snapshot()
    .filter(
      (line) =>
        !/^home\/\.proxmox_mcp_key |^work\/((config|asked-for)\.json|archive\.key) /.test(line),
    );
  expect(others.flatMap((line) => found(line))).toEqual([]);
}

test("the detector finds what it is there for", () => {
  const spelled = [
    `x${SECRET}x`,
    JSON.stringify({ a: SECRET }),
    encodeURIComponent(SECRET),
    Buffer.from(`head${SECRET}`).toString("base64"),
    Buffer.from(`${KEY_TEXT} `).toString("base64url"),
    Buffer.from(KEY, "base64url").toString("hex"),
    Buffer.from(`ab${SECRET}`).toString("hex"),
    [...SECRET].reverse().join(""),
    SECRET.slice(5, 17),
    KEY.slice(20, 32),
    `\u001b[31m${KEY}`,
  ];
  for (const text of spelled) expect(leaks(text), text).not.toEqual([]);
  expect(leaks("Encrypted 1 field of config.json to config.encrypted.json (key 0a1b2c3d)")).toEqual(
    [],
  );
});

describe("commands that succeed", () => {
  test.concurrent.for<readonly [string, readonly string[], Surroundings?]>([
    ["encrypt", ["encrypt", "config.json"]],
    ["encrypt to stdout", ["encrypt", "config.json", "-o", "-"]],
    ["encrypt --json", ["encrypt", "config.json", "-o", "-", "--json"]],
    ["encrypt stdin", ["encrypt", "-"], { input: config(SECRET) }],
    ["encrypt --unbound", ["encrypt", "config.json", "--unbound"]],
    ["encrypt again", ["encrypt", "sealed.json"]],
    ["decrypt to a file", ["decrypt", "sealed.json", "-o", "asked-for.json"]],
    ["set", ["set", "sealed.json", "/auth/token_value"], { input: SECRET }],
    ["set --json", ["set", "sealed.json", "/auth/token_value", "--json"], { input: SECRET }],
    ["set --generate", ["set", "sealed.json", "/auth/token_value", "--generate", "uuid"]],
    ["status", ["status", "config.json", "sealed.json"]],
    ["status --table --python", ["status", ".", "--table", "--python"]],
    ["status --prometheus", ["status", ".", "--prometheus"]],
    ["status --prometheus -o", ["status", ".", "--prometheus", "-o", "metrics.prom"]],
    ["scan", ["scan", "config.json", "sealed.json"]],
    ["generate-key", ["generate-key", "-o", "other-key"]],
    ["--help", ["--help"]],
  ])("%s", async ([_, argv, around], context) => {
    const cli = await prepared(context);
    const outcome = await cli.run(argv, { ...around, env: DEBUG });
    expect(outcome.status).toBe(0);
    expectNoLeak(cli, outcome);
  });

  test.concurrent.for<readonly [string, readonly string[]]>([
    ["rotate-key-all", ["rotate-key-all", "."]],
    ["backups list", ["backups", "list", "."]],
    ["backups list --json", ["backups", "list", ".", "--json"]],
    ["backups verify", ["backups", "verify", "."]],
    ["backups verify --json", ["backups", "verify", ".", "--json"]],
    ["backups restore", ["backups", "restore", "sealed.json", "--yes"]],
    ["backups restore --json", ["backups", "restore", "sealed.json", "--yes", "--json"]],
    ["backups prune", ["backups", "prune", ".", "--keep", "1", "--older-than", "90d", "--yes"]],
    ["retire-key --delete-backups", ["retire-key", ".", "--delete-backups", "--yes"]],
    ["retire-key --archive-key", ["retire-key", ".", "--archive-key", "archive.key", "--yes"]],
    ["retire-key --json", ["retire-key", ".", "--delete-backups", "--yes", "--json"]],
  ])("%s, after a rotation", async ([_, argv], context) => {
    const cli = await rotated(context);
    const keysBefore = detectorFor(cli);
    const outcome = await cli.run(argv, { env: DEBUG });
    expect(outcome.status, outcome.stderr).toBe(0);
    const keysAfter = detectorFor(cli);
    expectNoLeak(cli, outcome, (text) => [...keysBefore(text), ...keysAfter(text)]);
  });

  test("status --check", async () => {
    const cli = await prepared();
    const outcome = await cli.run(["status", ".", "--check", "--table"], { env: DEBUG });
    expect(outcome.status).toBe(7);
    expectNoLeak(cli, outcome);
  });

  test("generate-key tells nobody the key that it made", async () => {
    const cli = createCli();
    const outcome = await cli.run(["generate-key"], { env: DEBUG });
    const made = leakDetector({ made: cli.read(cli.keyFile) });
    expect(made(outcome.stdout + outcome.stderr + cli.read("audit.log"))).toEqual([]);
  });

  test("decrypt tells the secret to stdout alone", async () => {
    const cli = await prepared();
    const outcome = await cli.run(["decrypt", "sealed.json"], { env: DEBUG });
    expect(outcome.stdout).toContain(JSON.stringify(SECRET));
    expectNoLeak(cli, { ...outcome, stdout: "" });
  });
});

describe("commands that fail", () => {
  const quoted = JSON.stringify(SECRET);
  test.concurrent.for<readonly [string, string, readonly string[], Surroundings?]>([
    ["malformed JSON", `{ "auth": { "token_value": ${quoted}`, ["encrypt", "bad.json"]],
    [
      "an unclosed string",
      `{ "auth": { "token_value": ${quoted.slice(0, -1)}`,
      ["encrypt", "bad.json"],
    ],
    ["a secret in the place of a comma", `{ "a": 1 ${quoted} }`, ["encrypt", "bad.json"]],
    [
      "a secret as a field, twice",
      `{ ${quoted}: 1, "token_value": ${quoted}, "token_value": ${quoted} }`,
      ["encrypt", "bad.json"],
    ],
    ["malformed YAML", `auth:\n  token_value: "${SECRET}\n`, ["encrypt", "bad.yaml"]],
    ["YAML that is no map", `${SECRET}: : ${SECRET}\n  - x`, ["encrypt", "bad.yaml"]],
    ["an alias in YAML", `a: &x ${quoted}\ntoken_value: *x\n`, ["encrypt", "bad.yaml"]],
    ["an unclosed quote in .env", `PROXMOX_PASSWORD="${SECRET}`, ["encrypt", "bad.env"]],
    ["a line without a name in .env", `A=1\n${SECRET}\n`, ["encrypt", "bad.env"]],
    ["a NUL", `{ "auth": { "token_value": ${quoted}, "x": "\0" } }`, ["encrypt", "bad.json"]],
    ["the key as a config", KEY_TEXT, ["encrypt", "bad.json"]],
    ["the key as a YAML config", KEY_TEXT, ["encrypt", "bad.yaml"]],
    [
      "a field that is not there",
      config(SECRET),
      ["decrypt", "bad.json", "--field", "/auth/token"],
    ],
    [
      "a field that is no secret",
      config(SECRET),
      ["set", "bad.json", "/auth/user"],
      { input: SECRET },
    ],
    [
      "a value with a placeholder",
      config("x"),
      ["set", "bad.json", "/auth/token_value"],
      { input: `${SECRET}\${X}` },
    ],
    [
      "a value that is not UTF-8",
      config("x"),
      ["set", "bad.json", "/auth/token_value"],
      { input: Buffer.from([...Buffer.from(SECRET), 0xff]) },
    ],
    ["the value as an argument", config("x"), ["set", "bad.json", "/auth/token_value", SECRET]],
    ["another key", "", ["decrypt", "sealed.json"], { env: { PROXMOX_MCP_MASTER_KEY: OTHER_KEY } }],
    [
      "a key with quotes",
      "",
      ["decrypt", "sealed.json"],
      { env: { PROXMOX_MCP_MASTER_KEY: `'${KEY_TEXT}'` } },
    ],
    [
      "a key cut short",
      "",
      ["decrypt", "sealed.json"],
      { env: { PROXMOX_MCP_MASTER_KEY: KEY.slice(1) } },
    ],
    [
      "a key twice",
      "",
      ["decrypt", "sealed.json"],
      { env: { PROXMOX_MCP_MASTER_KEY: `${KEY_TEXT} ${KEY_TEXT}` } },
    ],
    [
      "a key with a word",
      "",
      ["decrypt", "sealed.json"],
      { env: { PROXMOX_MCP_MASTER_KEY: `${KEY_TEXT} mine!` } },
    ],
    [
      "a key as --key-env",
      "",
      ["decrypt", "sealed.json", "--key-env", "K"],
      { env: { K: `"${KEY_TEXT}"` } },
    ],
    [
      "two keys that disagree",
      "",
      ["decrypt", "sealed.json"],
      {
        env: {
          PROXMOX_MCP_MASTER_KEY: OTHER_KEY,
          PROXMOX_MCP_MASTER_KEY_FILE: "../home/.proxmox_mcp_key",
        },
      },
    ],
    [
      "a full disk",
      config(`${SECRET}${"x".repeat(5000)}`),
      ["encrypt", "bad.json"],
      { through: ["sh", "-c", 'ulimit -f 1 && exec "$@"', "sh"] },
    ],
    [
      "a key command that fails after it printed the key",
      "",
      ["decrypt", "sealed.json"],
      {
        env: {
          PROXMOX_MCP_MASTER_KEY_COMMAND:
            "sh -c 'cat ../home/.proxmox_mcp_key; cat ../home/.proxmox_mcp_key >&2; exit 1'",
        },
      },
    ],
  ])("%s", async ([_, content, argv, around = {}], context) => {
    const cli = await prepared(context);
    const name = argv.find((word) => word.startsWith("bad."));
    if (name !== undefined) cli.write(name, content);
    for (const flags of [[], ["--json"], ["--debug"]]) {
      const outcome = await cli.run([...argv, ...flags], {
        ...around,
        env: { PROXMOX_MCP_AUDIT_LOG: "audit.log", ...around.env },
      });
      expect(outcome.status, outcome.stderr).not.toBe(0);
      expect(leaks(outcome.stdout)).toEqual([]);
      expect(leaks(outcome.stderr)).toEqual([]);
      expect(
        leaks(
          cli
            .snapshot()
            .filter((line) => /\.pm-|audit/.test(line))
            .join("\n"),
        ),
      ).toEqual([]);
    }
  });

  // Variables, flags and arguments are mixed up; nothing that was put there may be shown.
  test.concurrent.for<readonly [string, readonly string[], Readonly<Record<string, string>>?]>([
    ["a key as the path of the key file", ["encrypt", "config.json"], { [`${K}_FILE`]: KEY_TEXT }],
    [
      "two keys as that path",
      ["encrypt", "config.json"],
      { [`${K}_FILE`]: `${OTHER_KEY}\n${KEY}` },
    ],
    ["a key as the key command", ["encrypt", "config.json"], { [`${K}_COMMAND`]: KEY_TEXT }],
    ["a key as --key-file", ["encrypt", "config.json", "--key-file", KEY]],
    ["a key as --key-env", ["encrypt", "config.json", "--key-env", KEY_TEXT]],
    ["a key as the command", [KEY_TEXT]],
    ["a key as the command to help with", ["help", KEY_TEXT]],
    ["a key as the config", ["decrypt", KEY_TEXT]],
    ["a key as a part of a path", ["decrypt", `./somewhere/${KEY_TEXT}`]],
    ["a key as the directory of the output", ["encrypt", "config.json", "-o", `${KEY_TEXT}/out`]],
    ["a key in an unknown option", ["encrypt", "config.json", `--password=${KEY_TEXT}`]],
    ["a key glued to an unknown option", ["encrypt", "config.json", `-p${KEY_TEXT}`]],
    ["a key as an unknown option", ["encrypt", "config.json", `--${KEY_TEXT}`]],
    ["a key as --rebind", ["encrypt", "config.json", "--rebind", KEY_TEXT]],
    ["a key as --max-derivations", ["encrypt", "config.json", "--max-derivations", KEY_TEXT]],
    ["a secret as --format", ["encrypt", "config.json", "--format", `x' is invalid. ${SECRET}`]],
    ["a secret as --generate", ["set", "sealed.json", "/auth/token_value", "--generate", SECRET]],
    ["a secret as --max-age", ["status", "sealed.json", "--check", "--max-age", SECRET]],
    ["a secret in an unknown option", ["set", "sealed.json", `--value=${SECRET}`]],
    ["a secret as the command", [SECRET.replace(/[./\\]/g, "")]],
    ["a secret as the field of set", ["set", "sealed.json", SECRET]],
    ["a key as the field of set", ["set", "sealed.json", KEY_TEXT]],
    ["a secret as --field", ["decrypt", "sealed.json", "--field", SECRET]],
    ["a key file as a config", ["status", "../home/.proxmox_mcp_key"]],
    ["a key file with a key twice", ["status", "twice"]],
    ["a key file that begins with a comment", ["status", "commented"]],
    ["a key file as YAML", ["encrypt", "twice", "--format", "yaml"]],
  ])("%s", async ([_, argv, env = {}], context) => {
    const cli = await prepared(context);
    cli.write("twice", `${KEY_TEXT}\n${KEY_TEXT}\n`);
    cli.write("commented", `# mine\n${KEY_TEXT}\n`);
    for (const flags of [[], ["--json"], ["--debug"]]) {
      const { status, stdout, stderr } = await cli.run([...flags, ...argv], {
        env: { PROXMOX_MCP_AUDIT_LOG: "audit.log", ...env },
        input: "",
      });
      expect(status, stderr).not.toBe(0);
      expect(stderr).toMatch(/error\[(KEY_INVALID|F\w+_NOT_\w+|USAGE|WRITE_FAILED)\]/);
      expect(leaks(stdout)).toEqual([]);
      expect(leaks(stderr)).toEqual([]);
    }
    expect(
      leaks(
        cli
          .snapshot()
          .filter((line) => line.includes("audit.log"))
          .join(),
      ),
    ).toEqual([]);
  });

  test("a token that is corrupted", async () => {
    const cli = await prepared();
    const token = /enc:[\w:=-]+/.exec(cli.read("sealed.json"))?.[0] ?? "";
    cli.write("sealed.json", config(corrupted(token)));
    const outcome = await cli.run(["decrypt", "sealed.json", "--debug"]);
    expect(outcome.status).toBe(4);
    expectNoLeak(cli, outcome);
  });
});

describe.skipIf(!existsSync("/proc/self/environ"))("what others see of the processes", () => {
  const flock = findProgram("flock");
  // Both run while the tool does: one to give the key, one to lock the directory.
  const spy = (name: string) =>
    `cat /proc/$$/environ /proc/$$/cmdline /proc/$PPID/cmdline /proc/$PPID/comm > ../seen-by-${name}`;

  // Where a file was named for the key, no command is asked for it.
  test.skipIf(flock === undefined).for<readonly [string, readonly string[], readonly string[]]>([
    ["set", ["set", "sealed.json", "/auth/token_value"], ["key-command", "flock"]],
    ["encrypt", ["encrypt", "config.json"], ["key-command", "flock"]],
    ["decrypt", ["decrypt", "sealed.json", "-o", "asked-for.json"], ["key-command", "flock"]],
    [
      "rotate-key-all",
      ["rotate-key-all", ".", "--key-file", "../home/.proxmox_mcp_key"],
      ["flock"],
    ],
    [
      "retire-key",
      ["retire-key", ".", "--delete-backups", "--yes", "--key-file", "../home/.proxmox_mcp_key"],
      ["flock"],
    ],
  ])("no key and no secret, in any child or the title: %s", async ([_, argv, spies]) => {
    const cli = argv[0] === "retire-key" ? await rotated() : await prepared();
    const keysBefore = detectorFor(cli);
    cli.write(
      "../spies/key",
      `#!/bin/sh\n${spy("key-command")}\ncat ../home/.proxmox_mcp_key\n`,
      0o755,
    );
    cli.write("../spies/flock", `#!/bin/sh\n${spy("flock")}\nexec ${flock} "$@"\n`, 0o755);
    chmodSync(cli.path("../spies"), 0o755);
    const PATH = `${cli.path("../spies")}:${process.env["PATH"]}`;
    const command = { PATH, PROXMOX_MCP_MASTER_KEY_COMMAND: "../spies/key" };

    const env = {
      ...command,
      PROXMOX_MCP_MASTER_KEY: KEY_TEXT,
      PROXMOX_MCP_MASTER_KEY_OLD: KEY_TEXT,
    };
    const { status, stderr } = await cli.run(argv, { env, input: SECRET });

    expect(status, stderr).toBe(0);
    const keysAfter = detectorFor(cli);
    for (const name of spies) {
      const seen = cli.read(`../seen-by-${name}`);
      expect(seen).toContain("proxmox-mcp-encrypt");
      expect([...keysBefore(seen), ...keysAfter(seen)]).toEqual([]);
    }
  });
});
