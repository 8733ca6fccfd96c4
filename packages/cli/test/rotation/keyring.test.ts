/** The key in a keyring: as a source, and as the place that a rotation writes. */
import { cpSync, existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { KeyringFault } from "../../../crypto/test/files/keyring-stub.ts";
import { BINARY, type Cli, createCli } from "../cli.ts";
import { config, KEY, OTHER_KEY, SECRET } from "../material.ts";
import {
  CONFIG,
  expectRotated,
  idOf,
  keyless,
  OLD_ID,
  opened,
  refuses,
  SECRETS,
  state,
  succeeds,
  words,
} from "./deployment.ts";
import { useInstalled } from "./with-keyring.ts";

const ACCOUNT = "master-key";
const ALL = ["rotate-key-all", ".", "--keyring"];
const RETIRE = ["retire-key", ".", "--keyring", "--delete-backups", "--yes"];
const installed = useInstalled();

/** A place with the sealed configs, and the key in the keyring alone. */
function deployment(text = KEY): Cli {
  installed.keyring.put(ACCOUNT, text);
  return installed.in(keyless());
}

function stored(account = ACCOUNT): readonly string[] {
  return words(installed.keyring.get(account));
}

function pendingIn(cli: Cli): readonly string[] {
  const directory = join(cli.home, ".local/state/proxmox-mcp");
  return existsSync(directory)
    ? readdirSync(directory).filter((name) => name.startsWith("pending-"))
    : [];
}

/** Everything that any process of the keyring could be seen with. */
function expectUnseen(keys: readonly string[]): void {
  const seen = installed.keyring.seen();
  expect(seen).not.toBe("");
  for (const key of keys) expect(seen).not.toContain(key.slice(0, 12));
}

describe("generate-key --keyring", () => {
  test("makes an entry, which every command finds, and writes no file", async () => {
    const cli = installed.in(createCli());
    const before = state(cli);
    const { stderr, stdout } = await succeeds(cli, ["generate-key", "--keyring"]);
    const [key = "", ...others] = stored();
    expect(others).toEqual([]);
    expect(stderr).toContain(
      `A new master key is in the keyring entry master-key (key ${idOf(key)}).`,
    );
    expect(stdout).toBe("");
    const made = state(cli).filter((line) => !before.includes(line));
    expect(made.map((line) => line.split(" ")[0])).toEqual([
      "home/.local",
      "home/.local/state",
      "home/.local/state/proxmox-mcp",
    ]);
    cli.write("config.json", config(SECRET));
    await succeeds(cli, ["encrypt", "config.json", "--keyring"]);
    const shown = await succeeds(cli, ["--keyring", "decrypt", "config.encrypted.json"]);
    expect(shown.stdout).toBe(config(SECRET));
    expectUnseen([key]);
  });

  test("refuses an entry that is there, and leaves it", async () => {
    const cli = deployment();
    const { status, stderr } = await cli.run(["generate-key", "--keyring"]);
    expect(stderr).toBe(
      "error[KEYRING_ENTRY_EXISTS]: the keyring entry master-key exists already; nothing was written. Way out: to move to a new key, and keep the old one until every file has moved: proxmox-mcp-encrypt rotate-key --keyring; or name another account.\n",
    );
    expect(status).toBe(8);
    expect(stored()).toEqual([KEY]);
  });

  test("takes an account of another name, and tells of it in JSON", async () => {
    const cli = deployment();
    const { stdout } = await succeeds(cli, ["generate-key", "--keyring=work", "--json"]);
    const [key = ""] = stored("work");
    expect(JSON.parse(stdout)).toMatchObject({
      file: null,
      keyring: "work",
      keyId: idOf(key),
      mode: null,
    });
    expect(stored()).toEqual([KEY]);
  });

  test.each([
    [["--keyring", "-o", "k"], "--output and --keyring are both given"],
    [["--keyring", "--key-file", "k"], "--key-file and --keyring are both given"],
    [["--keyring="], "It is empty"],
  ])("%j is a usage error", async (flags, message) => {
    const cli = installed.in(createCli());
    const { stderr } = await refuses(cli, ["generate-key", ...flags], { status: 2, code: "USAGE" });
    expect(stderr).toContain(message);
    expect(installed.keyring.seen()).toBe("");
  });
});

describe("a keyring as the source", () => {
  test("beats the environment, and names itself", async () => {
    const cli = deployment();
    const env = { PROXMOX_MCP_MASTER_KEY: OTHER_KEY };
    const { stdout } = await succeeds(cli, ["status", CONFIG, "--keyring", "--table"], env);
    expect(stdout).toContain(`Key: ${OLD_ID} from the keyring entry master-key`);
  });

  test("is asked by the flag alone, which takes no word behind it", async () => {
    const cli = deployment();
    cli.write(cli.keyFile, `${KEY}\n`, 0o600);
    await succeeds(cli, ["status", CONFIG]);
    expect(installed.keyring.seen()).toBe("");
    await succeeds(cli, ["--keyring", CONFIG, "--status"]);
    expect(installed.keyring.pids()).toHaveLength(1);
  });

  test.each([
    ["locked", "the keyring entry master-key: the keyring is locked"],
    ["", "the keyring entry master-key is not there"],
  ] as const)("that cannot be read is no missing key: %s", async (fault, message) => {
    const cli = installed.in(keyless());
    cli.write(cli.keyFile, `${KEY}\n`, 0o600);
    installed.keyring.fail(fault);
    const { stderr } = await refuses(cli, ["status", CONFIG, "--keyring"], {
      status: 3,
      code: "KEY_UNREADABLE",
    });
    expect(stderr).toContain(message);
  });

  test("whose package is not installed says how to install it", async () => {
    const cli = keyless();
    for (const name of ["bin", "dist"]) {
      cpSync(join(dirname(BINARY), "..", name), join(cli.directory, "..", "bare", name), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
    const binary = join(cli.directory, "..", "bare/bin/proxmox-mcp-encrypt.cjs");
    const { status, stderr } = await cli.run(["status", CONFIG, "--keyring"], { binary });
    expect(stderr).toMatch(
      /^error\[KEY_UNREADABLE\]: .* @napi-rs\/keyring, which --keyring needs, is not installed\. Way out: .*npm install --global @napi-rs\/keyring@2.*\n$/,
    );
    expect(status).toBe(3);
  });

  test("is looked at again before something is sealed with its key", async () => {
    const cli = deployment();
    cli.write("config.json", config(SECRET));
    // A rotation of another terminal comes in between: after the first look, before the second.
    const slow = cli.run(["encrypt", "config.json", "--keyring"], {
      env: { NODE_OPTIONS: `--require ${between(cli)}` },
    });
    const { stderr, status } = await slow;
    expect(stderr).toContain("the keyring entry master-key has another active key by now");
    expect(status).toBe(8);
    expect(existsSync(cli.path("config.encrypted.json"))).toBe(false);
  });
});

// Puts another key into the keyring when the tool has made its first file.
function between(cli: Cli): string {
  const program = join(cli.directory, "..", "between.cjs");
  const entry = join(installed.keyring.packageDirectory, "node_modules/@napi-rs/keyring");
  cli.write(
    program,
    `const fs = require("node:fs");
const { openSync } = fs;
fs.openSync = (path, ...rest) => {
  if (String(path).endsWith(".new")) fs.writeFileSync(${JSON.stringify(`${entry}/proxmox-mcp-${ACCOUNT}`)}, ${JSON.stringify(OTHER_KEY)});
  return openSync(path, ...rest);
};
`,
  );
  return program;
}

describe("a rotation of a key in the keyring", () => {
  test("stores it there: prepared, promoted, and alone at the end", async () => {
    const cli = deployment();
    const prepared = await succeeds(cli, ["prepare-key", "--keyring"]);
    const [, next = ""] = stored();
    const fresh = next.replace(/^next:/, "");
    expect(stored()).toEqual([KEY, `next:${fresh}`]);
    expect(pendingIn(cli)).toEqual([`pending-${idOf(fresh)}`]);
    expect(prepared.stderr).toContain("Restart what reads the keyring entry master-key.");
    expect(prepared.stderr).toContain("rotate-key-all DIRECTORY --keyring\n");

    const { stderr } = await succeeds(cli, ALL);
    expect(stored()).toEqual([fresh, KEY]);
    await expectRotated(cli, installed.keyring.get(ACCOUNT));
    expect(stderr).toContain("The keyring entry master-key holds the new key first");
    expect(stderr).toContain(`Until a run finds it there, both keys are in ${cli.home}`);
    expect(stderr).toContain("proxmox-mcp-server --test --keyring ");
    expect(stderr).toContain("proxmox-mcp-encrypt retire-key . --keyring");

    await succeeds(cli, ALL);
    expect(pendingIn(cli)).toHaveLength(1);
    const [newest = ""] = stored();
    const retired = await succeeds(cli, RETIRE);
    expect(stored()).toEqual([newest]);
    expect(pendingIn(cli)).toEqual([]);
    expect(retired.stderr).toContain("stands alone now in the keyring entry master-key");
    await expectRotated(cli, installed.keyring.get(ACCOUNT));
    expectUnseen([KEY, fresh, newest]);
  });

  test("and a restore from before names the entry in what is to be done next", async () => {
    const cli = deployment();
    await succeeds(cli, ALL);
    const { stderr } = await succeeds(cli, ["backups", "restore", CONFIG, "--keyring"]);
    expect(stderr).toContain(`proxmox-mcp-server --test --keyring ${CONFIG}\n`);
    expect(stderr).toContain(`proxmox-mcp-encrypt rotate-key ${CONFIG} --keyring\n`);
  });

  test("tells in JSON where it went", async () => {
    const cli = deployment();
    const { stdout } = await succeeds(cli, [...ALL, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      keyFrom: "the keyring entry master-key",
      destination: { kind: "keyring", account: ACCOUNT },
      newKeyFile: null,
      pendingFile: expect.stringContaining("pending-"),
    });
  });

  test("goes to a sink or a file where one is named, and the entry stays", async () => {
    const cli = deployment();
    const { stderr } = await succeeds(cli, [...ALL, "--new-key-out", "new.key"]);
    expect(stored()).toEqual([KEY]);
    await expectRotated(cli, cli.read("new.key"));
    expect(stderr).toContain("the keyring entry master-key still holds the old key");
  });

  test("refuses another key that somebody put there meanwhile", async () => {
    const cli = deployment();
    await succeeds(cli, ["prepare-key", "--keyring"]);
    installed.keyring.put(ACCOUNT, OTHER_KEY);
    const { status, stderr } = await cli.run(ALL);
    expect(stderr).toContain("error[NO_KEY_OPENS]");
    expect(status).toBe(4);
    expect(stored()).toEqual([OTHER_KEY]);
  });

  test.each<KeyringFault>([
    "lose, store 1",
    "unsure, store 1",
    "die, store 1",
    "store and die, store 1",
  ])("before the commit leaves the configs, and the key is used again: %s", async (fault) => {
    const cli = deployment();
    installed.keyring.fail(fault);
    const outcome = await cli.run(ALL);
    if (fault.includes("die")) expect(outcome.signal).toBe("SIGKILL");
    else {
      expect(outcome.stderr).toMatch(/error\[KEYRING_FAILED\].*pending key is kept.*waits in/);
      expect(outcome.status).toBe(8);
    }
    expect(await opened(cli, KEY)).toMatchObject({ secrets: SECRETS });
    const [pending = ""] = pendingIn(cli);
    await converges(cli, ALL, pending.slice("pending-".length));
  });

  // Nobody can tell a rotation that was promoted from one that is wanted next: so says the way out.
  test.each<KeyringFault>([
    "lose, store 2",
    "unsure, store 2",
    "die, store 2",
    "store and die, store 2",
  ])("after the commit is finished by the next run: %s", async (fault) => {
    const cli = deployment();
    installed.keyring.fail(fault);
    const outcome = await cli.run(ALL);
    if (fault.includes("die")) expect(outcome.signal).toBe("SIGKILL");
    else {
      expect(outcome.stderr).toMatch(/error\[NOT_CLOSED\]: the files are done, but.*--resume/);
      expect(outcome.status).toBe(9);
    }
    // Whatever the keyring holds opens the files, and so does the pending file.
    expect(await opened(cli, installed.keyring.get(ACCOUNT))).toMatchObject({ secrets: SECRETS });
    const [pending = ""] = pendingIn(cli);
    await converges(cli, [...ALL, "--resume"], pending.slice("pending-".length));
  });

  test("that was not promoted is promoted by the next run as well", async () => {
    const cli = deployment();
    installed.keyring.fail("die, store 2");
    await cli.run(ALL);
    const [pending = ""] = pendingIn(cli);
    await converges(cli, ALL, pending.slice("pending-".length));
  });

  test.each<KeyringFault>(["unsure", "die"])(
    "whose retirement fails keeps what opens, and can be retired again: %s",
    async (fault) => {
      const cli = deployment();
      await succeeds(cli, ALL);
      const [fresh = ""] = stored();
      installed.keyring.fail(fault);
      const outcome = await cli.run(RETIRE);
      expect(outcome.status).not.toBe(0);
      expect(stored()[0]).toBe(fresh);
      installed.keyring.fail("");
      await succeeds(cli, RETIRE);
      expect(stored()).toEqual([fresh]);
      expect(pendingIn(cli)).toEqual([]);
      await expectRotated(cli, fresh);
    },
  );
});

/** The next run finishes the first with the same key. */
async function converges(cli: Cli, argv: readonly string[], keyId: string): Promise<void> {
  installed.keyring.fail("");
  await succeeds(cli, argv);
  const [fresh = "", ...others] = stored();
  expect(idOf(fresh)).toBe(keyId);
  expect(others).toEqual([KEY]);
  await expectRotated(cli, installed.keyring.get(ACCOUNT));
}
