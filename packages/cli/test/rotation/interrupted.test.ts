/** A rotation that was killed on its way, and whoever comes next. */
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Cli } from "../cli.ts";
import { KEY, OTHER_KEY } from "../material.ts";
import {
  CONFIG,
  deployment,
  ENV,
  expectRotated,
  idOf,
  keyless,
  keyStore,
  leftovers,
  namesIn,
  OLD_ID,
  opened,
  refuses,
  SEALED,
  SECRETS,
  SERVERS,
  state,
  succeeds,
  words,
} from "./deployment.ts";
import { dyingAfter } from "./dying.ts";

const SAME = ["rotate-key", CONFIG, SERVERS, ENV];
const RECORD = ".proxmox-mcp.txn";

/** In words; the call after which the run dies, for which name, which time; on which side of the commit point. */
type Point = readonly [
  words: string,
  call: Parameters<typeof dyingAfter>[1],
  name: string,
  count: number,
  side: "before" | "behind",
];

// In the order of a run. Two directories and that of the key file have a record each.
const POINTS: readonly Point[] = [
  ["with the key stored and nothing else", "renameSync", ".proxmox_mcp_key", 1, "before"],
  ["with a record in the first directory", "renameSync", RECORD, 1, "before"],
  ["with a record in every directory", "renameSync", RECORD, 3, "before"],
  ["at the commit point", "renameSync", RECORD, 4, "behind"],
  ["with one file replaced", "renameSync", "config.json", 1, "behind"],
  ["with all configs replaced, and the key file not", "renameSync", ".env", 1, "behind"],
  ["with everything replaced", "renameSync", ".proxmox_mcp_key", 2, "behind"],
  ["with one record gone", "unlinkSync", RECORD, 1, "behind"],
];

async function interrupted(point: Point): Promise<Cli> {
  const cli = deployment();
  const { signal } = await cli.run(SAME, { env: dyingAfter(cli, point[1], point[2], point[3]) });
  expect(signal).toBe("SIGKILL");
  return cli;
}

function newKey(cli: Cli): string {
  const [fresh = "", ...others] = words(cli.read(cli.keyFile))
    .map((word) => word.replace("next:", ""))
    .filter((word) => word !== KEY);
  expect(others).toEqual([]);
  return fresh;
}

/** The configs as they were, and the key file with a key that waits. */
function expectOld(cli: Cli, fresh: string): void {
  for (const [name, text] of Object.entries(SEALED)) expect(cli.read(name)).toBe(text);
  expect(words(cli.read(cli.keyFile))).toEqual([KEY, `next:${fresh}`]);
  expect(leftovers(cli)).toEqual([]);
  expect(namesIn(cli).filter((name) => name.includes(".backup."))).toEqual([]);
}

async function expectNew(cli: Cli, fresh: string): Promise<void> {
  expect(words(cli.read(cli.keyFile))).toEqual([fresh, KEY]);
  await expectRotated(cli, cli.read(cli.keyFile));
  expect(namesIn(cli).filter((name) => name.includes(".backup."))).toHaveLength(3);
}

describe.each(POINTS)("killed %s", (...point) => {
  const behind = point[4] === "behind";

  test("every file is whole meanwhile, and the same command makes no second key", async () => {
    const cli = await interrupted(point);
    const fresh = newKey(cli);
    expect((await opened(cli, cli.read(cli.keyFile))).secrets).toEqual(SECRETS);
    const { stderr } = await succeeds(cli, SAME);
    await expectNew(cli, fresh);
    if (!behind) expect(stderr).toContain(`Rotated 3 files to key ${idOf(fresh)}`);
    else {
      expect(stderr).toContain("An interrupted rotate-key was finished first");
      expect(stderr).toContain(
        `The interrupted rotation to key ${idOf(fresh)} is complete: no other key was made.`,
      );
      expect(stderr).toContain("proxmox-mcp-server --test --key-file");
    }
  });

  test("another directory of it finishes it as well", async () => {
    const cli = await interrupted(point);
    const fresh = newKey(cli);
    await succeeds(cli, ["rotate-key-all", "two"]);
    if (behind) await expectNew(cli, fresh);
    expect(words(cli.read(cli.keyFile))).toEqual([fresh, KEY]);
    expect((await opened(cli, cli.read(cli.keyFile))).secrets).toEqual(SECRETS);
    // Without a record there, it does not know of the others.
    if (point[3] !== 1 || behind) expect(leftovers(cli)).toEqual([]);
  });

  test("--resume finishes it, or takes it away, and begins nothing", async () => {
    const cli = await interrupted(point);
    const fresh = newKey(cli);
    const { stderr } = await succeeds(cli, [...SAME, "--resume"]);
    if (behind) await expectNew(cli, fresh);
    else expectOld(cli, fresh);
    if (behind) expect(stderr).toContain("An interrupted rotate-key was finished");
    const after = state(cli);
    const again = await succeeds(cli, [...SAME, "--resume"]);
    expect(again.stderr).toBe("No interrupted run was found: nothing was changed.\n");
    expect(state(cli)).toEqual(after);
  });

  test("--abort undoes it, and the key that waits is used later", async () => {
    const cli = await interrupted(point);
    const fresh = newKey(cli);
    if (point[2] === RECORD && point[1] === "unlinkSync") {
      // It is closed in part: the backups have their names.
      await refuses(cli, [...SAME, "--abort"], { status: 9, code: "NOT_CLOSED" });
      await succeeds(cli, [...SAME, "--resume"]);
      await expectNew(cli, fresh);
      return;
    }
    await succeeds(cli, ["rotate-key", SERVERS, "--abort"]);
    if (leftovers(cli).length > 0) await succeeds(cli, ["rotate-key-all", "..", "--abort"]);
    expectOld(cli, fresh);
    await succeeds(cli, SAME);
    await expectNew(cli, fresh);
  });

  test("--dry-run says that it stands open, and changes and plans nothing", async () => {
    const cli = await interrupted(point);
    const before = cli.snapshot();
    const { stderr } = await succeeds(cli, [...SAME, "--dry-run"]);
    expect(cli.snapshot()).toEqual(before);
    const isOpen = leftovers(cli).length > 0;
    expect(stderr.includes("stands open in")).toBe(isOpen);
    expect(stderr.includes(`will be rotated from key ${OLD_ID}`)).toBe(!isOpen);
  });
});

const BEHIND: Point = ["", "renameSync", "config.json", 1, "behind"];

test("--resume and --abort need no key, and --json tells what they did", async () => {
  const cli = await interrupted(BEHIND);
  const fresh = newKey(cli);
  const key = cli.read(cli.keyFile);
  rmSync(cli.keyFile);
  const { status, stdout } = await cli.run([...SAME, "--abort", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    exitStatus: 7,
    command: "rotate-key",
    outcome: "closed",
    wish: "abort",
    recovered: [{ operation: "rotate-key", outcome: "undone", keyId: idOf(fresh) }],
    promotedKeyId: null,
    waitingKeyId: null,
  });
  // The key file belongs to the transaction, and is not what it left there.
  expect(JSON.parse(stdout).recovered[0].left).toEqual([cli.keyFile]);
  expect(status).toBe(7);
  cli.write(cli.keyFile, key, 0o600);
  for (const [name, text] of Object.entries(SEALED)) expect(cli.read(name)).toBe(text);
});

test("--resume reaches every directory below those that are named, that of the key file too", async () => {
  const cli = await interrupted(BEHIND);
  const fresh = newKey(cli);
  await succeeds(cli, ["rotate-key-all", "..", "--resume"]);
  await expectNew(cli, fresh);
});

test("--resume of a file that is gone meanwhile names it, and exits 7", async () => {
  const cli = await interrupted(BEHIND);
  rmSync(cli.path(SERVERS));
  const { status, stderr } = await cli.run(["rotate-key", SERVERS, "--resume"]);
  expect(stderr).toContain(
    `${cli.path(SERVERS)} was changed by somebody else meanwhile, and was left as it is`,
  );
  expect(status).toBe(7);
  expect(leftovers(cli)).toEqual([]);
});

test("a file that somebody changed meanwhile is left, named, and exits 7", async () => {
  const cli = await interrupted(BEHIND);
  const edited = `${SEALED[SERVERS]}# edited\n`;
  cli.write(SERVERS, edited);
  const { status, stderr } = await cli.run(SAME);
  expect(stderr).toContain(`${cli.path(SERVERS)} was changed by somebody else meanwhile`);
  expect(status).toBe(7);
  expect(cli.read(SERVERS)).toBe(edited);
  expect(leftovers(cli)).toEqual([]);
  // It opens with the key behind the new one, and is rotated by the next run.
  const fresh = newKey(cli);
  await succeeds(cli, SAME);
  expect(words(cli.read(cli.keyFile))).toContain(fresh);
  expect((await opened(cli, cli.read(cli.keyFile))).keyIds).toHaveLength(1);
});

test("a run that is asked for more goes on after it closed the other", async () => {
  const cli = await interrupted(BEHIND);
  const fresh = newKey(cli);
  cli.write("three/more.json", SEALED[CONFIG] ?? "");
  const { stderr } = await succeeds(cli, ["rotate-key-all", "."]);
  expect(stderr).toContain("An interrupted rotate-key was finished first");
  expect(stderr).toMatch(/Rotated 4 files to key/);
  const [active = "", ...others] = words(cli.read(cli.keyFile));
  expect(others).toEqual([fresh, KEY]);
  const found = await opened(cli, cli.read(cli.keyFile), [
    ...Object.keys(SEALED),
    "three/more.json",
  ]);
  expect(found.keyIds).toEqual([idOf(active)]);
});

test("a failure after it closed the other says so, instead of 'nothing was changed'", async () => {
  const cli = await interrupted(BEHIND);
  cli.write("two/bad.json", '{"a": "enc:nonsense"}\n');
  const { status, stderr } = await cli.run(["rotate-key-all", "."]);
  expect(status).toBe(6);
  expect(stderr).toContain(
    "nothing else was changed; before that, an interrupted rotate-key was finished",
  );
});

describe("a run that left out what it could not read", () => {
  const BROKEN = '{"a": "enc:nonsense"}\n';

  async function leavingOut() {
    const cli = deployment();
    cli.write("one/bad.json", BROKEN);
    const argv = ["rotate-key-all", "."];
    const env = dyingAfter(cli, "renameSync", "config.json");
    const { signal } = await cli.run([...argv, "--skip-unreadable"], { env });
    expect(signal).toBe("SIGKILL");
    return { cli, argv };
  }

  test("is not complete for one that leaves out nothing", async () => {
    const { cli, argv } = await leavingOut();
    const { status, stderr } = await cli.run(argv);
    expect(stderr).toContain("one/bad.json");
    expect(stderr).toContain("before that, an interrupted rotate-key-all was finished");
    expect(status).toBe(6);
    await expectRotated(cli, cli.read(cli.keyFile));
  });

  test("is complete for the same command, which names it again and makes no other key", async () => {
    const { cli, argv } = await leavingOut();
    const fresh = newKey(cli);
    const { status, stdout } = await cli.run([...argv, "--skip-unreadable", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      exitStatus: 7,
      outcome: "recovered",
      failed: [{ file: "one/bad.json" }],
      oldKeyId: OLD_ID,
      newKeyId: idOf(fresh),
    });
    expect(status).toBe(7);
    expect(words(cli.read(cli.keyFile))).toEqual([fresh, KEY]);
    await expectRotated(cli, cli.read(cli.keyFile));
  });
});

test("files that its own recovery brings back are rotated too", async () => {
  const cli = deployment();
  await succeeds(cli, ["rotate-key-all", "."]);
  const stamp = /\.backup\.(\S+)/.exec(namesIn(cli).find((name) => /backup/.test(name)) ?? "")?.[1];
  rmSync(cli.path(SERVERS));
  rmSync(cli.path(ENV));
  const restore = ["backups", "restore", ".", "--stamp", stamp ?? "", "--yes"];
  const { signal } = await cli.run(restore, { env: dyingAfter(cli, "renameSync", "config.json") });
  expect(signal).toBe("SIGKILL");
  const planned = await succeeds(cli, ["rotate-key-all", ".", "--dry-run", "--json"]);
  expect(JSON.parse(planned.stdout).interrupted).toEqual([cli.path("one"), cli.path("two")]);
  const { stderr } = await succeeds(cli, ["rotate-key-all", "."]);
  expect(stderr).toContain("restore was finished first");
  expect((await opened(cli, cli.read(cli.keyFile))).keyIds).toEqual([
    idOf(words(cli.read(cli.keyFile))[0] ?? ""),
  ]);
  expect(stderr).toContain("Rotated 3 files to key");
  await expectRotated(cli, cli.read(cli.keyFile));
});

test("a sink's run that was killed is closed by one with --new-key-out, which makes the file", async () => {
  const cli = keyless();
  const store = keyStore(cli);
  const env = { PROXMOX_MCP_MASTER_KEY: KEY };
  const dying = dyingAfter(cli, "renameSync", "config.json");
  const killed = await cli.run([...SAME, "--new-key-sink", store.sink()], {
    env: { ...env, ...dying },
  });
  expect(killed.signal).toBe("SIGKILL");
  const { stdout } = await succeeds(cli, [...SAME, "--new-key-out", "next.key", "--json"], env);
  const [fresh = ""] = words(cli.read("next.key"));
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: "recovered",
    newKeyFile: "next.key",
    oldKeyId: OLD_ID,
    newKeyId: idOf(fresh),
  });
  await expectRotated(cli, cli.read("next.key"));
});

test("with another new key named, the run goes on to that one", async () => {
  const cli = await interrupted(BEHIND);
  const fresh = newKey(cli);
  cli.write("named.key", `${OTHER_KEY}\n`, 0o600);
  await succeeds(cli, [...SAME, "--new-key-file", "named.key"]);
  expect(words(cli.read(cli.keyFile))).toEqual([fresh, KEY]);
  await expectRotated(cli, cli.read("named.key"));
});

describe("the key came from a variable, and the new one went to a file", () => {
  const env = { PROXMOX_MCP_MASTER_KEY: KEY };
  const argv = [...SAME, "--new-key-out", "next.key"];

  test.each<[string, Parameters<typeof dyingAfter>[1], string]>([
    ["with the file made", "unlinkSync", ".next.key"],
    ["with one config replaced", "renameSync", "config.json"],
  ])("killed %s: the same command makes no second key", async (_, call, name) => {
    const cli = keyless();
    const dying = dyingAfter(cli, call, name);
    if (call === "renameSync") {
      expect((await cli.run(argv, { env: { ...env, ...dying } })).signal).toBe("SIGKILL");
    } else {
      // What a run that died there leaves: the file, and nothing else.
      await succeeds(cli, [...argv, "--yes"], env);
      for (const [file, text] of Object.entries(SEALED)) cli.write(file, text);
    }
    const stored = cli.read("next.key");
    await succeeds(cli, argv, env);
    expect(cli.read("next.key")).toBe(stored);
    await expectRotated(cli, stored);
  });

  test("without the flag that named the file, the run says that the key is elsewhere", async () => {
    const cli = keyless();
    await cli.run(argv, { env: { ...env, ...dyingAfter(cli, "renameSync", "config.json") } });
    const { status, stderr } = await cli.run([...SAME, "--new-key-out", "other.key"], { env });
    expect(stderr).toMatch(
      /error\[NO_KEY_OPENS\]: the files are on key [0-9a-f]{8} now, and PROXMOX_MCP_MASTER_KEY does not hold it/,
    );
    expect(status).toBe(4);
    expect(namesIn(cli)).not.toContain("work/other.key");
    await expectRotated(cli, cli.read("next.key"));
    expect(stderr).not.toContain(OLD_ID);
  });
});
