/** The commands that a run prints for people to copy: each is run by a shell, as it was printed. */
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Cli } from "../cli.ts";
import { KEY, OTHER_KEY } from "../material.ts";
import {
  backupOf,
  CONFIG,
  ENV,
  idOf,
  keyless,
  keyStore,
  OLD_ID,
  opened,
  SEALED,
  SERVERS,
  succeeds,
  words,
} from "../rotation/deployment.ts";
import { dyingAfter } from "../rotation/dying.ts";
import { allPrinted, CHECK, checksWork, printed, STATUS, works } from "./paste.ts";

/** Names that a shell takes apart, unless they are quoted. */
const KEY_FILE = "keys/the owner's.key";
const SPACED = "more configs/config.json";
const FILES = { [CONFIG]: SEALED[CONFIG] ?? "", [SPACED]: SEALED[CONFIG] ?? "" };
const DIRECTORIES = ["one", "more configs"];

/** Configs whose key is in a file of an odd name; another key is in the home. */
function elsewhere(files: Readonly<Record<string, string>> = FILES, keyText = `${KEY}\n`): Cli {
  const cli = keyless(files);
  cli.write(KEY_FILE, keyText, 0o600);
  cli.write(cli.keyFile, `${OTHER_KEY}\n`, 0o600);
  return cli;
}

const RETIRE = "proxmox-mcp-encrypt retire-key";
const ROTATE = "proxmox-mcp-encrypt rotate-key ";
const ROTATE_ALL = "proxmox-mcp-encrypt rotate-key-all";

describe.skipIf(process.platform === "win32")("as printed", () => {
  test("after a rotation with --key-file: the check, and the retirement in every directory", async () => {
    const cli = elsewhere();
    const argv = ["rotate-key-all", ...DIRECTORIES, "--key-file", KEY_FILE];
    const { stderr } = await succeeds(cli, argv);
    await checksWork(cli, stderr, 2);
    const { stderr: retired } = await works(
      cli,
      `${printed(stderr, RETIRE)} --archive-key archive.key`,
    );
    expect(retired).toContain("for 2 backups");
    expect(words(cli.read(KEY_FILE))).toHaveLength(1);
    expect(words(cli.read(cli.keyFile))).toEqual([OTHER_KEY]);
  });

  test("after a rotation with --new-key-out, before the new file is handed over", async () => {
    const cli = elsewhere();
    const argv = ["rotate-key-all", ...DIRECTORIES, "--key-file", KEY_FILE];
    const { stderr } = await succeeds(cli, [...argv, "--new-key-out", "next.key"]);
    await checksWork(cli, stderr, 2);
    await works(cli, `${printed(stderr, RETIRE)} --delete-backups`);
    expect(words(cli.read("next.key"))).toHaveLength(1);
    expect(words(cli.read(KEY_FILE))).toEqual([KEY]);
  });

  test("after a rotation with --key-env and a sink, once the variable has what is stored", async () => {
    const cli = elsewhere();
    const store = keyStore(cli);
    const sink = ["--new-key-sink", store.sink()];
    const argv = ["rotate-key-all", ...DIRECTORIES, "--key-env", "SITE_KEY", ...sink];
    const { stderr } = await succeeds(cli, argv, { SITE_KEY: KEY });
    const env = { SITE_KEY: store.read() };
    await checksWork(cli, stderr, 2, env);
    const line = printed(stderr, RETIRE).replace("COMMAND", `'${store.sink()}'`);
    await works(cli, `${line} --delete-backups`, env);
    expect(words(store.read())).toHaveLength(1);
  });

  test.each<[string, readonly string[], string]>([
    ["--key-file", [], KEY_FILE],
    ["--new-key-out", ["--new-key-out", "next.key"], "next.key"],
  ])("after prepare-key with %s: the rotation to that very key", async (_, flags, file) => {
    const cli = elsewhere();
    const { stderr } = await succeeds(cli, ["prepare-key", "--key-file", KEY_FILE, ...flags]);
    const next = /next:(\S+)/.exec(cli.read(file))?.[1] ?? "";
    const line = printed(stderr, ROTATE_ALL).replace("DIRECTORY", "one 'more configs'");
    await works(cli, line);
    expect(words(cli.read(file))).toEqual([next, KEY]);
    expect((await opened(cli, cli.read(file), Object.keys(FILES))).keyIds).toEqual([idOf(next)]);
  });

  test("after prepare-key with a sink: the rotation that tells the sink", async () => {
    const cli = elsewhere();
    const store = keyStore(cli);
    const argv = ["prepare-key", "--key-env", "SITE_KEY", "--new-key-sink", store.sink()];
    const { stderr } = await succeeds(cli, argv, { SITE_KEY: KEY });
    const line = printed(stderr, ROTATE_ALL)
      .replace("DIRECTORY", "one 'more configs'")
      .replace("COMMAND", `'${store.sink()}'`);
    await works(cli, line, { SITE_KEY: KEY });
    expect(store.calls()).toEqual(["prepare", "prepare", "promote"]);
  });

  test("after a restore with --key-file: the check of a file that servers read, and the way back", async () => {
    const cli = elsewhere({ "more configs/.env": SEALED[ENV] ?? "", ...FILES });
    const key = ["--key-file", KEY_FILE];
    await succeeds(cli, ["rotate-key-all", ...DIRECTORIES, ...key]);
    const stamp = /\.backup\.(\S+)/.exec(backupOf(cli, CONFIG))?.[1] ?? "";
    const restore = ["backups", "restore", "more configs", "--stamp", stamp, ...key];
    const { stderr } = await succeeds(cli, restore);
    expect(stderr).toContain("Restored 2 files:\n  more configs/.env ");
    await works(cli, printed(stderr, CHECK));
    await works(cli, printed(stderr, ROTATE));
    const [active = ""] = words(cli.read(KEY_FILE));
    expect((await opened(cli, cli.read(KEY_FILE), Object.keys(FILES))).keyIds).toEqual([
      idOf(active),
    ]);
  });

  test("after a restore with --key-env: the check", async () => {
    const cli = elsewhere();
    const env = { SITE_KEY: KEY };
    cli.write(`${CONFIG}.backup.20240101_000000`, `${SEALED[CONFIG]}\n`);
    const argv = ["backups", "restore", CONFIG, "--key-env", "SITE_KEY"];
    const { stderr } = await succeeds(cli, argv, env);
    await works(cli, printed(stderr, CHECK), env);
  });

  test("the way out of retire-key while a key waits: the rotation of every directory", async () => {
    const cli = elsewhere(FILES, `${KEY}\nnext:${OTHER_KEY}\n`);
    const argv = ["retire-key", ...DIRECTORIES, "--key-file", KEY_FILE];
    const { status, stderr } = await cli.run(argv);
    expect(status).toBe(7);
    await works(cli, printed(stderr, ROTATE_ALL));
    expect(words(cli.read(KEY_FILE))).toEqual([OTHER_KEY, KEY]);
    expect((await opened(cli, cli.read(KEY_FILE), Object.keys(FILES))).keyIds).toEqual([
      idOf(OTHER_KEY),
    ]);
  });

  test("the way out of retire-key while a config is on an old key", async () => {
    const cli = elsewhere({ [CONFIG]: SEALED[CONFIG] ?? "" }, `${OTHER_KEY}\n${KEY}\n`);
    const { status, stderr } = await cli.run(["retire-key", "one", "--key-file", KEY_FILE]);
    expect(status).toBe(7);
    const [line = ""] = printed(stderr, ROTATE).split("), and");
    await works(cli, line.replace("FILE", CONFIG));
    expect((await opened(cli, cli.read(KEY_FILE), [CONFIG])).keyIds).toEqual([idOf(OTHER_KEY)]);
  });

  test("after a run that only closed an interrupted one: the check of a file of that", async () => {
    const cli = elsewhere({ [ENV]: SEALED[ENV] ?? "", ...FILES });
    const argv = ["rotate-key", ENV, SPACED, "--key-file", KEY_FILE];
    // The key file is the last to be replaced, and among the files of the run.
    const dying = dyingAfter(cli, "renameSync", "config.json");
    expect((await cli.run(argv, { env: dying })).signal).toBe("SIGKILL");
    const { stderr } = await succeeds(cli, argv);
    expect(stderr).toContain("The interrupted rotation to key");
    await works(cli, printed(stderr, CHECK));
  });
});

describe("no flag for a key that the next command finds by itself", () => {
  test.each<[string, (cli: Cli) => Readonly<Record<string, string>>]>([
    ["in the home", () => ({})],
    ["named by a variable", (cli) => ({ PROXMOX_MCP_MASTER_KEY_FILE: cli.path(KEY_FILE) })],
  ])("%s", async (_, envOf) => {
    const cli = elsewhere();
    cli.write(cli.keyFile, `${KEY}\n`, 0o600);
    const { stderr: prepared } = await succeeds(cli, ["prepare-key"], envOf(cli));
    expect(printed(prepared, ROTATE_ALL)).toBe("proxmox-mcp-encrypt rotate-key-all DIRECTORY");
    const { stderr } = await succeeds(cli, ["rotate-key-all", ...DIRECTORIES], envOf(cli));
    expect(printed(stderr, RETIRE)).toBe("proxmox-mcp-encrypt retire-key one 'more configs'");
  });
});

test("a directory whose name begins with a hyphen is no flag", async () => {
  const cli = elsewhere({ "-x/config.json": SEALED[CONFIG] ?? "" });
  const { stderr } = await succeeds(cli, ["rotate-key-all", "--key-file", KEY_FILE, "--", "-x"]);
  expect(printed(stderr, RETIRE)).toContain("retire-key ./-x --key-file ");
});

test("no server is asked about a file that has its tokens elsewhere", async () => {
  const cli = elsewhere({ [CONFIG]: SEALED[CONFIG] ?? "", [SERVERS]: SEALED[SERVERS] ?? "" });
  const key = ["--key-file", KEY_FILE];
  const both = await succeeds(cli, ["rotate-key", SERVERS, CONFIG, ...key]);
  expect(printed(both.stderr, CHECK)).toContain(` ${CONFIG}`);
  const { stderr } = await succeeds(cli, ["rotate-key", SERVERS, ...key]);
  expect(stderr).not.toContain(CHECK);
  await works(cli, printed(stderr, STATUS));
});

test("where no file of the run is one that a server reads, the check opens what was rotated", async () => {
  const cli = elsewhere({ [ENV]: SEALED[ENV] ?? "", "two/more.env": SEALED[ENV] ?? "" });
  const { stderr } = await succeeds(cli, ["rotate-key-all", "two", "--key-file", KEY_FILE]);
  const line = printed(stderr, STATUS);
  expect(line).toContain(` ${ENV} two/more.env --key-file `);
  await works(cli, line);
  rmSync(cli.path(ENV));
  const restored = await succeeds(cli, ["backups", "restore", ENV, "--key-file", KEY_FILE]);
  expect(printed(restored.stderr, STATUS)).toContain(` ${ENV} --key-file `);
});

test("the check of the first five configs of many, and how many more there are", async () => {
  const names = [1, 2, 3, 4, 5, 6, 7].map((number) => `one/${number}.json`);
  const cli = elsewhere(Object.fromEntries(names.map((name) => [name, SEALED[CONFIG] ?? ""])));
  const { stderr } = await succeeds(cli, ["rotate-key-all", "one", "--key-file", KEY_FILE]);
  const lines = allPrinted(stderr, CHECK);
  expect(lines.map((line) => line.split(" ").at(-1))).toEqual(names.slice(0, 5));
  expect(stderr).toContain("\n  Check the other 2 in the same way.\n");
});

describe("files that catch up with a key which is active already", () => {
  const THIRD_KEY = "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=";

  test("are planned from the key that they are on", async () => {
    const cli = elsewhere(FILES, `${OTHER_KEY}\n${KEY}\n`);
    const argv = ["rotate-key-all", ".", "--key-file", KEY_FILE, "--dry-run"];
    const { stderr } = await succeeds(cli, argv);
    expect(stderr).toContain(
      `2 files will be rotated from key ${OLD_ID} to key ${idOf(OTHER_KEY)}:\n`,
    );
    const { stdout } = await succeeds(cli, [...argv, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      oldKeyId: OLD_ID,
      newKeyId: idOf(OTHER_KEY),
      newKeyOrigin: "active",
    });
    const { stdout: done } = await succeeds(cli, [...argv.slice(0, -1), "--json"]);
    expect(JSON.parse(done)).toMatchObject({ oldKeyId: OLD_ID, newKeyId: idOf(OTHER_KEY) });
  });

  test("are planned from all of them, where they are on several", async () => {
    const cli = elsewhere(FILES);
    const key = ["--key-file", KEY_FILE];
    cli.write("third.key", `${THIRD_KEY}\n`, 0o600);
    await succeeds(cli, ["rotate-key", SPACED, ...key, "--new-key-file", "third.key"]);
    cli.write(KEY_FILE, `${OTHER_KEY}\n${THIRD_KEY}\n${KEY}\n`, 0o600);
    const argv = ["rotate-key-all", "one", "more configs", ...key, "--dry-run"];
    const { stderr } = await succeeds(cli, argv);
    expect(stderr).toContain(
      `2 files will be rotated from keys ${OLD_ID}, ${idOf(THIRD_KEY)} to key ${idOf(OTHER_KEY)}:\n`,
    );
    const { stdout } = await succeeds(cli, [...argv, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ oldKeyId: OLD_ID, newKeyId: idOf(OTHER_KEY) });
  });
});
