/** Streams that cannot be written: no exit status 0 without the data. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createCli } from "../cli.ts";
import { BOUND, config, corrupted, KEY, OTHER_KEY, SECRET } from "../material.ts";

const READERS = [
  ["encrypt -o -", ["encrypt", "config.json", "-o", "-"]],
  ["decrypt", ["decrypt", "sealed.json"]],
  ["decrypt --field", ["decrypt", "sealed.json", "--field", "/auth/token_value"]],
  ["status", ["status", "sealed.json"]],
  ["--help", ["--help"]],
] as const;

describe.skipIf(!existsSync("/dev/full"))("a full device behind stdout", () => {
  test.each(READERS)("fails %s", async (_, argv) => {
    const cli = createCli();
    cli.write(cli.keyFile, KEY, 0o600);
    cli.write("config.json", config());
    cli.write("sealed.json", config(BOUND.token));
    const before = cli.snapshot();

    const { status, stderr } = await cli.run(argv, { stdout: "full device" });

    expect(status).toBe(8);
    expect(stderr).toMatch(/^error\[WRITE_FAILED\]: stdout is closed or full.* Way out: .+\n$/);
    expect(stderr).not.toContain(SECRET);
    expect(cli.snapshot()).toEqual(before);
  });

  test("fails --json as well, of which only the exit status can tell", async () => {
    const cli = createCli();
    cli.write(cli.keyFile, KEY, 0o600);
    cli.write("sealed.json", config(BOUND.token));
    const { status } = await cli.run(["status", "sealed.json", "--json"], {
      stdout: "full device",
    });
    expect(status).toBe(8);
  });
});

describe("a pipe behind stdout that nobody reads", () => {
  test.each(READERS)("fails %s without a stack trace", async (_, argv) => {
    const cli = createCli();
    cli.write(cli.keyFile, KEY, 0o600);
    cli.write("config.json", config());
    cli.write("sealed.json", config(BOUND.token));
    const before = cli.snapshot();

    const { status, signal, stderr } = await cli.run(argv, { stdout: "closed pipe" });

    expect({ status, signal }).toEqual({ status: 8, signal: null });
    expect(stderr).toMatch(/^error\[WRITE_FAILED\]: stdout is closed or full[^\n]*\n$/);
    expect(cli.snapshot()).toEqual(before);
  });

  test("does not hide that generate-key made the key, and where it is", async () => {
    const cli = createCli();
    const { status, stderr } = await cli.run(["generate-key", "--stdout"], {
      stdout: "closed pipe",
    });
    expect(status).toBe(9);
    expect(cli.mode(cli.keyFile)).toBe("600");
    expect(stderr).toContain(`the new key is in ${cli.keyFile}`);
    expect(stderr).toContain("make no other");
  });
});

// Status 8 says that nothing was changed, so that a script may begin anew.
describe("a stream that fails after a file was written", () => {
  const DONE: readonly (readonly [string, readonly string[], string])[] = [
    ["encrypt --in-place", ["encrypt", "config.json", "--in-place"], "config.json is written"],
    ["encrypt", ["encrypt", "config.json"], "config.encrypted.json is written"],
    ["decrypt -o", ["decrypt", "sealed.json", "-o", "plain.json"], "plain.json is written"],
    ["set", ["set", "sealed.json", "/auth/token_value"], "sealed.json is written"],
    ["rotate-key", ["rotate-key", "sealed.json"], "the rotation is done"],
    ["prepare-key", ["prepare-key"], "the next key waits"],
    ["retire-key", ["retire-key", "."], "the old keys are gone"],
    ["backups restore", ["backups", "restore", "sealed.json", "--yes"], "the backups are restored"],
    [
      "backups prune",
      ["backups", "prune", ".", "--older-than", "1d", "--yes"],
      "the backups are deleted",
    ],
  ];

  test.each(DONE)("%s says what was done, and not to do it again", async (name, argv, done) => {
    const cli = createCli();
    cli.write(cli.keyFile, name === "retire-key" ? `${KEY}\n${OTHER_KEY}\n` : KEY, 0o600);
    cli.write("config.json", config());
    cli.write("sealed.json", config(BOUND.token));
    if (name.startsWith("backups"))
      cli.write("sealed.json.backup.20260131_120000", `${config(BOUND.token)}\n`);
    const before = cli.snapshot();
    const surroundings = { input: SECRET, stdout: "closed pipe" } as const;

    const { status, stderr } = await cli.run([...argv, "--json"], surroundings);

    expect(stderr).toMatch(
      /^error\[NOT_CLOSED\]: stdout is closed or full, but [^\n]+\. Way out: [^\n]+\n$/,
    );
    expect(stderr).toContain(`but ${done}`);
    expect(stderr).not.toContain("run it again");
    expect(status).toBe(9);
    expect(cli.snapshot()).not.toEqual(before);
  });

  test("a rotation names how many files it left out", async () => {
    const cli = createCli();
    cli.write(cli.keyFile, KEY, 0o600);
    cli.write("sealed.json", config(BOUND.token));
    cli.write("torn.json", config(corrupted(BOUND.token)));
    const argv = ["rotate-key-all", ".", "--skip-unreadable", "--json"];
    const { status, stderr } = await cli.run(argv, { stdout: "closed pipe" });
    expect(stderr).toContain("but the rotation is done, with 1 file left out: mend it before");
    expect(stderr).not.toContain("do not rotate again");
    expect(status).toBe(9);
  });

  test.each([
    ["encrypt, where nothing was left to do", ["encrypt", "sealed.json", "--in-place"]],
    ["rotate-key --dry-run", ["rotate-key", "sealed.json", "--dry-run"]],
    ["retire-key, where there is no old key", ["retire-key", "."]],
  ])("%s changed nothing, and may be run again", async (_, argv) => {
    const cli = createCli();
    cli.write(cli.keyFile, KEY, 0o600);
    cli.write("sealed.json", config(BOUND.token));
    const before = cli.snapshot();
    const { status, stderr } = await cli.run([...argv, "--json"], { stdout: "closed pipe" });
    expect(stderr).toMatch(/^error\[WRITE_FAILED\]: stdout is closed or full\. .*run it again/);
    expect(status).toBe(8);
    expect(cli.snapshot()).toEqual(before);
  });
});

test.each([
  ["many strings", `"x": [${'"0123456789",'.repeat(200_000)} "end"],\n  "proxmox"`],
  ["one long string", `"x": "${"0123456789".repeat(200_000)}",\n  "proxmox"`],
])("a document of several megabytes, in %s, passes a pipe whole", async (_, filler) => {
  const cli = createCli();
  cli.write(cli.keyFile, KEY, 0o600);
  cli.write("sealed.json", config(BOUND.token).replace('"proxmox"', filler));
  const { status, stdout } = await cli.run(["decrypt", "sealed.json"]);
  expect(status).toBe(0);
  expect(stdout === config().replace('"proxmox"', filler)).toBe(true);
});

test("a stderr that is full does not undo what was done, and is no success", async (context) => {
  context.skip(!existsSync("/dev/full"), "no /dev/full");
  const cli = createCli();
  cli.write(cli.keyFile, KEY, 0o600);
  cli.write("config.json", config());
  const through = ["sh", "-c", 'exec "$@" 2>/dev/full', "sh"];
  const { status } = await cli.run(["encrypt", "config.json"], { through });
  expect(status).toBe(9);
  const check = await cli.run(["decrypt", "config.encrypted.json"]);
  expect(check.stdout).toBe(config());
});

test("a stderr that is full does not keep an error from stdout", async (context) => {
  context.skip(!existsSync("/dev/full"), "no /dev/full");
  const through = ["sh", "-c", 'exec "$@" 2>/dev/full', "sh"];
  const { status, stdout } = await createCli().run(["status", "a.json", "--json"], { through });
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "FILE_NOT_FOUND" } });
  expect(status).toBe(5);
});
