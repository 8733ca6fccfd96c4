/** Sinks that fail, hang, lie or take the run with them: the same command again makes no second key. */
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Cli, createCli } from "../cli.ts";
import { KEY } from "../material.ts";
import {
  CONFIG,
  deployment,
  expectRotated,
  keyless,
  keyStore,
  OLD_ID,
  opened,
  SEALED,
  SECRETS,
  type Store,
  succeeds,
  words,
} from "./deployment.ts";

const posix = process.platform !== "win32";
// Only there it shows whether a program read what it was given.
const isLinux = process.platform === "linux";
const FILES = Object.keys(SEALED);
const configs = (cli: Cli) => FILES.map((name) => cli.read(name));

/** A run with a sink that gets the key from its store, or from the key file in the home. */
function place(source: "store" | "key file") {
  const cli = source === "store" ? keyless() : deployment();
  const store = keyStore(cli);
  const env = source === "store" ? { PROXMOX_MCP_MASTER_KEY_COMMAND: store.get } : {};
  const rotate = (fault: string, ...more: readonly string[]) => {
    const argv = ["rotate-key", ...FILES, "--new-key-sink", store.sink(fault), ...more];
    return cli.run(argv, { env });
  };
  return { cli, store, env, rotate };
}

/** Every key that is on the disk or in the store, beside the old one. */
function newKeys(cli: Cli): readonly string[] {
  const found = cli
    .snapshot()
    .flatMap((line) => line.match(/(?<![\w-])[\w-]{43}=(?![\w=])/g) ?? []);
  return [...new Set(found)].filter((key) => key !== KEY);
}

describe.skipIf(!posix).each(["store", "key file"] as const)(
  "the key comes from the %s",
  (source) => {
    test.each<readonly [string, string, number | null, string]>([
      ["fails at once", "fail", 8, "SINK_FAILED"],
      ["fails after it stored the key", "unsure", 8, "SINK_FAILED"],
      ...(isLinux ? [["ends well without reading", "deaf", 8, "SINK_FAILED"] as const] : []),
      ["hangs", "hang", 8, "SINK_FAILED"],
      ["takes the run with it", "early", null, ""],
      ["takes the run with it after it stored the key", "die", null, ""],
    ])("a sink that %s at the first call: no config changes", async (_, fault, status, code) => {
      const { cli, store, rotate } = place(source);
      const before = configs(cli);
      const limit = fault === "hang" ? ["--sink-time-limit", "1s"] : [];
      const failed = await rotate(fault, ...limit);
      expect(failed.status).toBe(status);
      expect(configs(cli)).toEqual(before);
      expect(store.calls()).toEqual(["prepare"]);
      const [fresh = "", ...more] = newKeys(cli);
      expect(more).toEqual([]);
      if (status !== null) {
        expect(failed.stderr).toMatch(new RegExp(`^error\\[${code}\\]: --new-key-sink: sh .*\n$`));
        expect(failed.stderr).toMatch(/the pending key is kept/);
        expect(failed.stderr).not.toContain(fresh.slice(0, 12));
      }

      const again = await rotate("good");
      expect(again.status, again.stderr).toBe(0);
      expect(newKeys(cli)).toEqual([fresh]);
      expect(words(store.read())).toEqual([fresh, KEY]);
      await expectRotated(cli, store.read());
    });

    test.each<readonly [string, string, number | null]>([
      ["fails", "fail2", 9],
      ["fails after it stored the key", "unsure2", 9],
      ...(isLinux ? [["ends well without reading", "deaf2", 9] as const] : []),
      ["hangs", "hang2", 9],
      ["takes the run with it", "early2", null],
      ["takes the run with it after it stored the key", "die2", null],
    ])(
      "a sink that %s at the second call: the files are done, and --resume promotes",
      async (_, fault, status) => {
        const { cli, store, rotate } = place(source);
        const limit = fault === "hang2" ? ["--sink-time-limit", "1s"] : [];
        const failed = await rotate(fault, ...limit);
        expect(failed.status).toBe(status);
        expect(store.calls()).toEqual(["prepare", "promote"]);
        const [fresh = "", ...more] = newKeys(cli);
        expect(more).toEqual([]);
        expect((await opened(cli, `${KEY} next:${fresh}`)).secrets).toEqual(SECRETS);
        if (status !== null) {
          expect(failed.stderr).toMatch(/^error\[NOT_CLOSED\]: the files are done, but: .*\n$/);
          expect(failed.stderr).toContain("--resume: it makes no other key");
        }

        const again = await rotate("good", "--resume");
        expect(again.status, again.stderr).toBe(0);
        expect(newKeys(cli)).toEqual([fresh]);
        expect(words(store.read())).toEqual([fresh, KEY]);
        await expectRotated(cli, store.read());
        if (source === "key file") expect(words(cli.read(cli.keyFile))).toEqual([fresh, KEY]);
      },
    );
  },
);

test.skipIf(!posix)(
  "the same command again promotes as well, where the key still waits",
  async () => {
    const { cli, store, rotate } = place("store");
    await rotate("fail2");
    const [fresh = ""] = newKeys(cli);
    const again = await rotate("good");
    expect(again.status, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/Key [0-9a-f]{8} is the active one now; no file had to change/);
    expect(store.calls()).toEqual(["prepare", "promote", "prepare", "promote"]);
    expect(newKeys(cli)).toEqual([fresh]);
    expect(words(store.read())).toEqual([fresh, KEY]);
  },
);

test.skipIf(!posix)(
  "a run with another place for the key uses the one that waits for a sink",
  async () => {
    const { cli, env, rotate } = place("store");
    await rotate("fail");
    const [fresh = ""] = newKeys(cli);
    await succeeds(cli, ["rotate-key", ...FILES, "--new-key-out", "next.key"], env);
    expect(words(cli.read("next.key"))).toEqual([fresh, KEY]);
    await expectRotated(cli, cli.read("next.key"));
  },
);

test.skipIf(!posix)("--resume promotes no key that files are not on", async () => {
  const { cli, store, env, rotate } = place("store");
  await succeeds(cli, ["prepare-key", "--new-key-sink", store.sink()], env);
  const before = store.read();
  const { status, stderr } = await rotate("good", "--resume");
  expect(status).toBe(7);
  expect(stderr).toMatch(/Key [0-9a-f]{8} goes on waiting: 3 files are not on it yet/);
  const { stdout } = await rotate("good", "--resume", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    exitStatus: 7,
    promotedKeyId: null,
    waitingKeyId: expect.stringMatching(/^[0-9a-f]{8}$/),
    filesBehind: 3,
  });
  expect(store.read()).toBe(before);
});

test.skipIf(!posix)("--abort calls no sink", async () => {
  const { store, rotate } = place("store");
  await rotate("fail2");
  const { status, stderr } = await rotate("good", "--abort");
  expect(status).toBe(0);
  expect(stderr).toBe("No interrupted run was found: nothing was changed.\n");
  expect(store.calls()).toEqual(["prepare", "promote"]);
});

describe.skipIf(!posix)("a machine that is thrown away", () => {
  /** A machine with the configs as they were published, and what the store holds. */
  function fresh(from: Cli, store: Store, published: boolean) {
    const cli = createCli();
    for (const name of FILES) cli.write(name, published ? from.read(name) : (SEALED[name] ?? ""));
    const next = keyStore(cli, store.read());
    const env = { PROXMOX_MCP_MASTER_KEY: next.read() };
    const argv = ["rotate-key", ...FILES, "--new-key-sink", next.sink()];
    return { cli, store: next, env, argv };
  }

  test.each<[string, string, published: boolean, made: "the same" | "another"]>([
    ["before the store got the key", "early", false, "another"],
    ["after the store got the key", "die", false, "the same"],
    ["after the files were done, which are lost", "early2", false, "the same"],
    ["after the files were done and published", "early2", true, "the same"],
    ["after the promotion, and the files are lost", "die2", false, "the same"],
  ])("%s: the next one goes on with what is stored", async (_, fault, published, made) => {
    const first = place("store");
    await first.rotate(fault);
    const stored = words(first.store.read()).map((word) => word.replace("next:", ""));
    const { cli, store, env, argv } = fresh(first.cli, first.store, published);
    expect((await opened(cli, store.read())).secrets).toEqual(SECRETS);

    await succeeds(cli, argv, env);
    await expectRotated(cli, store.read());
    const [active = "", ...others] = words(store.read());
    expect(others).toEqual([KEY]);
    if (made === "the same") expect(stored).toContain(active);
    else expect(stored).not.toContain(active);
  });

  test("after the promotion, with its files: what was published opens with the store", async () => {
    const first = place("store");
    await first.rotate("die2");
    const { cli, env } = fresh(first.cli, first.store, true);
    expect((await cli.run(["decrypt", CONFIG], { env })).status).toBe(0);
    await expectRotated(cli, first.store.read());
  });
});

test("no state is left where the first call of a sink succeeded and the files were refused", async () => {
  const { cli, store, rotate } = place("store");
  const broken = cli.read(CONFIG).replace('"mcp@pve"', '"mcp@pve');
  cli.write(CONFIG, broken);
  const { status } = await rotate("good");
  expect(status).toBe(5);
  expect(store.calls()).toEqual([]);
  expect(existsSync(join(cli.home, ".local/state/proxmox-mcp"))).toBe(true);
  expect(newKeys(cli)).toEqual([]);
});

test.skipIf(!posix)("a broken pending file is never passed over", async () => {
  const { cli, rotate } = place("store");
  await rotate("fail");
  const directory = join(cli.home, ".local/state/proxmox-mcp");
  mkdirSync(join(cli.directory, "aside"));
  cpSync(directory, cli.path("aside"), { recursive: true });
  const [name = ""] = cli
    .snapshot()
    .flatMap((line) => /proxmox-mcp\/(pending-[0-9a-f]{8}) /.exec(line)?.[1] ?? []);
  cli.write(join(directory, name), "nonsense\n", 0o600);
  const { status, stderr } = await rotate("good");
  expect(status).toBe(3);
  expect(stderr).toContain(name);
  expect(stderr).not.toContain(`key ${OLD_ID} cannot`);
});
