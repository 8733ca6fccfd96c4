/** Where the new key lives: each row of the design, before and after, and on a run that is repeated. */
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Cli } from "../cli.ts";
import { KEY, OTHER_KEY } from "../material.ts";
import { asOrdinaryUser } from "../ordinary-user.ts";
import {
  CONFIG,
  deployment,
  expectRotated,
  idOf,
  keyless,
  keyStore,
  OLD_ID,
  refuses,
  SEALED,
  state,
  succeeds,
  words,
} from "./deployment.ts";

const ALL = ["rotate-key-all", "."];
const VARIABLE = { PROXMOX_MCP_MASTER_KEY: KEY };

/** The one pending file of a user. */
function pendingIn(cli: Cli): readonly string[] {
  const directory = join(cli.home, ".local/state/proxmox-mcp");
  const names = existsSync(directory) ? readdirSync(directory) : [];
  return names.filter((name) => name.startsWith("pending-")).map((name) => join(directory, name));
}

describe("the key file that the present key came from", () => {
  test("holds the new key first and the old one behind it, for its owner alone", async () => {
    const cli = deployment();
    const { stderr } = await succeeds(cli, ALL);
    const [fresh = "", ...others] = words(cli.read(cli.keyFile));
    expect(others).toEqual([KEY]);
    expect(cli.mode(cli.keyFile)).toBe("600");
    await expectRotated(cli, cli.read(cli.keyFile));
    expect(stderr).toContain(`Rotated 3 files to key ${idOf(fresh)}:`);
    expect(stderr).toContain(`${cli.keyFile} holds the new key first, and the old one behind it.`);
    expect(stderr).toContain(`proxmox-mcp-server --test --key-file ${cli.keyFile} `);
    expect(stderr).toContain("proxmox-mcp-encrypt retire-key .");
    expect(pendingIn(cli)).toEqual([]);
  });

  test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ["--key-file", ["--key-file", "keys/my.key"], {}],
    ["PROXMOX_MCP_MASTER_KEY_FILE", [], { PROXMOX_MCP_MASTER_KEY_FILE: "keys/my.key" }],
  ])("%s is that file, and others stay", async (_, flags, env) => {
    const cli = keyless();
    cli.write("keys/my.key", `${KEY}\n`, 0o600);
    cli.write(cli.keyFile, `${OTHER_KEY}\n`, 0o600);
    await succeeds(cli, [...ALL, ...flags], env);
    expect(words(cli.read("keys/my.key"))).toEqual([expect.any(String), KEY]);
    expect(cli.read(cli.keyFile)).toBe(`${OTHER_KEY}\n`);
    await expectRotated(cli, cli.read("keys/my.key"));
  });

  test("keeps every key it had, the link to it, and its group's right to read", async () => {
    const cli = keyless();
    cli.write("keys/real.key", `${KEY}\n${OTHER_KEY} # an older one\n`, 0o640);
    symlinkSync("real.key", cli.path("keys/my.key"));
    const { gid } = statSync(cli.path("keys/real.key"));
    await succeeds(cli, [...ALL, "--key-file", "keys/my.key"]);
    expect(words(cli.read("keys/real.key"))).toEqual([expect.any(String), KEY, OTHER_KEY]);
    expect(cli.mode("keys/real.key")).toBe("640");
    expect(statSync(cli.path("keys/real.key")).gid).toBe(gid);
    expect(cli.snapshot().join("\n")).toContain("keys/my.key 120777 ");
  });

  test("with a successor switches to that, and makes none", async () => {
    const cli = keyless();
    cli.write(cli.keyFile, `${KEY}\nnext:${OTHER_KEY}\n`, 0o600);
    const { stderr } = await succeeds(cli, ALL);
    expect(cli.read(cli.keyFile)).toBe(`${OTHER_KEY}\n${KEY}\n`);
    await expectRotated(cli, cli.read(cli.keyFile));
    expect(stderr).toContain(`Rotated 3 files to key ${idOf(OTHER_KEY)}`);
  });

  test("whose active key no file is on yet: the files catch up, and none is made", async () => {
    const cli = keyless();
    cli.write(cli.keyFile, `${OTHER_KEY}\n${KEY}\n`, 0o600);
    const { stderr } = await succeeds(cli, ALL);
    expect(cli.read(cli.keyFile)).toBe(`${OTHER_KEY}\n${KEY}\n`);
    await expectRotated(cli, cli.read(cli.keyFile));
    expect(stderr).toContain("holds this key already");
  });
});

describe("--new-key-file", () => {
  test("is a key that is there already; it is only read, and so is every other store", async () => {
    const cli = deployment();
    cli.write("new.key", `${OTHER_KEY}\n`, 0o400);
    const argv = [...ALL, "--new-key-file", "new.key"];
    const { stderr } = await succeeds(cli, argv);
    expect(cli.read("new.key")).toBe(`${OTHER_KEY}\n`);
    expect(cli.read(cli.keyFile)).toBe(`${KEY}\n`);
    await expectRotated(cli, cli.read("new.key"));
    expect(stderr).toContain(`${cli.keyFile} still holds the old key.`);
    expect(stderr).toContain("Keep the old key as well");

    const before = state(cli);
    const again = await succeeds(cli, argv);
    expect(again.stderr).toContain(
      `Nothing to rotate: every token is on key ${idOf(OTHER_KEY)} already.`,
    );
    expect(state(cli)).toEqual(before);
  });

  test("that others can read is used, with a warning", async () => {
    const cli = deployment();
    cli.write("new.key", `${OTHER_KEY}\n`, 0o644);
    const { stderr } = await succeeds(cli, [...ALL, "--new-key-file", "new.key"]);
    expect(stderr).toContain("warning: key file new.key is open to");
  });

  test("that is not there stops the run", async () => {
    const cli = deployment();
    const { stderr } = await refuses(cli, [...ALL, "--new-key-file", "new.key"], {
      status: 3,
      code: "KEY_UNREADABLE",
    });
    expect(stderr).toContain("generate-key -o new.key");
  });
});

describe("--new-key-out", () => {
  test("is made for the new key and the old one; the old store stays as it is", async () => {
    const cli = deployment();
    const { stderr } = await succeeds(cli, [...ALL, "--new-key-out", "next.key"]);
    expect(words(cli.read("next.key"))).toEqual([expect.any(String), KEY]);
    expect(cli.mode("next.key")).toBe("600");
    expect(cli.read(cli.keyFile)).toBe(`${KEY}\n`);
    await expectRotated(cli, cli.read("next.key"));
    expect(stderr).toContain(`export PROXMOX_MCP_MASTER_KEY_FILE=${cli.path("next.key")}`);
  });

  test("repeated: the same key, nothing changes, and the next steps are told again", async () => {
    const cli = keyless();
    const argv = [...ALL, "--new-key-out", "next.key"];
    await succeeds(cli, argv, VARIABLE);
    const before = state(cli);
    const { stderr } = await succeeds(cli, argv, VARIABLE);
    expect(stderr).toMatch(/Nothing to rotate: every token is on key [0-9a-f]{8} already/);
    expect(stderr).toContain(`export PROXMOX_MCP_MASTER_KEY="$(cat ${cli.path("next.key")})"`);
    expect(state(cli)).toEqual(before);
  });

  test.each([
    ["a stranger's key", `${OTHER_KEY}\n`, "was not made for this key"],
    ["the present key", `${KEY}\n`, "rotate the key where it is, with --key-file next.key"],
  ])("with %s in it is refused", async (_, text, words) => {
    const cli = keyless();
    cli.write("next.key", text, 0o600);
    const { stderr } = await refuses(
      cli,
      [...ALL, "--new-key-out", "next.key"],
      { status: 8, code: "KEY_FILE_EXISTS" },
      VARIABLE,
    );
    expect(stderr).toContain(words);
  });

  test("is checked where the key text has a successor as well", async () => {
    const cli = keyless();
    cli.write("next.key", `${Buffer.alloc(32, 0xb7).toString("base64url")}=\n${KEY}\n`, 0o600);
    await refuses(
      cli,
      [...ALL, "--new-key-out", "next.key"],
      { status: 8, code: "KEY_FILE_EXISTS" },
      { PROXMOX_MCP_MASTER_KEY: `${KEY} next:${OTHER_KEY}` },
    );
  });

  test("in a directory that is not there stops the run", async () => {
    const cli = deployment();
    const { stderr } = await refuses(cli, [...ALL, "--new-key-out", "gone/next.key"], {
      status: 8,
      code: "WRITE_FAILED",
    });
    expect(stderr).toContain("mkdir -p");
  });

  test("what the next steps say brings the new key into the shell", async () => {
    const cli = keyless();
    const { stderr } = await succeeds(cli, [...ALL, "--new-key-out", "next.key"], VARIABLE);
    const exports = stderr.split("\n").filter((line) => /^\s*(export|unset) /.test(line));
    expect(exports).toHaveLength(2);
    for (const line of exports) {
      const through = ["sh", "-c", `${line}\nexec "$@"`, "sh"];
      const { status, stdout } = await cli.run(["decrypt", CONFIG], { through, env: VARIABLE });
      expect(status).toBe(0);
      expect(stdout).not.toContain("enc:");
    }
  });
});

describe("a key that cannot be written, and nobody at a terminal", () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ["a variable", VARIABLE, []],
    ["--key-env", { STAGING_KEY: KEY }, ["--key-env", "STAGING_KEY"]],
    ["a command", { PROXMOX_MCP_MASTER_KEY_COMMAND: `echo ${KEY}` }, []],
  ])("%s: nothing is done", async (_, env, flags) => {
    const cli = keyless();
    const { stderr } = await refuses(
      cli,
      [...ALL, ...flags],
      { status: 3, code: "KEY_DESTINATION" },
      env,
    );
    expect(stderr).toContain("--new-key-out FILE, --new-key-file FILE or --new-key-sink COMMAND");
  });

  test("a systemd credential is never written, by whatever name it is given", async () => {
    const cli = keyless();
    const directory = cli.path("credentials");
    const file = join(directory, "proxmox-mcp-master-key");
    cli.write(file, `${KEY}\n`, 0o600);
    const env = { CREDENTIALS_DIRECTORY: directory };
    const destination = { status: 3, code: "KEY_DESTINATION" };
    await refuses(cli, ALL, destination, env);
    await refuses(cli, [...ALL, "--key-file", file], destination, env);
    await refuses(cli, ALL, destination, { ...env, PROXMOX_MCP_MASTER_KEY_FILE: file });
  });

  test("a read-only file", async (context) => {
    context.skip(asOrdinaryUser === undefined, "no setpriv");
    const cli = keyless();
    cli.write("keys/my.key", `${KEY}\n`, 0o444);
    chmodSync(cli.path("keys"), 0o555);
    const { status, stderr } = await cli.run([...ALL, "--key-file", "keys/my.key"], {
      through: asOrdinaryUser ?? [],
    });
    chmodSync(cli.path("keys"), 0o755);
    expect(stderr).toContain("error[KEY_DESTINATION]");
    expect(status).toBe(3);
  });
});

describe("a sink", () => {
  test("gets the whole key text twice: the new key waits, then it is the active one", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    const sink = ["--new-key-sink", `sh -c 'tee -a ${cli.path("seen")} | ${store.sink()}'`];
    await succeeds(cli, [...ALL, ...sink], VARIABLE);
    expect(store.calls()).toEqual(["prepare", "promote"]);
    const [fresh = "", old] = words(store.read());
    expect(old).toBe(KEY);
    expect(cli.read("seen")).toBe(`${KEY}\nnext:${fresh}\n${fresh}\n${KEY}\n`);
    await expectRotated(cli, store.read());
  });

  test("keeps the pending file until that of the next key holds all of it", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    const env = { PROXMOX_MCP_MASTER_KEY_COMMAND: store.get };
    const { stderr } = await succeeds(cli, [...ALL, "--new-key-sink", store.sink()], env);
    const [pending = ""] = pendingIn(cli);
    const [fresh = ""] = words(store.read());
    expect(pending).toMatch(new RegExp(`/pending-${idOf(fresh)}$`));
    expect(cli.mode(pending)).toBe("600");
    expect(cli.read(pending)).toBe(`${KEY}\nnext:${fresh}\n`);
    expect(stderr).toContain(`Until you retire the old one, both keys are in ${pending} too.`);

    await succeeds(cli, [...ALL, "--new-key-sink", store.sink()], env);
    const [second = ""] = words(store.read());
    expect(words(store.read())).toEqual([second, fresh, KEY]);
    expect(pendingIn(cli)).toEqual([expect.stringMatching(new RegExp(`-${idOf(second)}$`))]);
  });

  test("beside a writable key file: that one waits with it and flips after it", async () => {
    const cli = deployment();
    const store = keyStore(cli);
    const copy = `sh -c 'cp ${cli.keyFile} ${cli.path("file-at-")}$PROXMOX_MCP_SINK_PHASE; ${store.sink()}'`;
    await succeeds(cli, [...ALL, "--new-key-sink", copy]);
    const [fresh = ""] = words(store.read());
    expect(cli.read("file-at-prepare")).toBe(`${KEY}\nnext:${fresh}\n`);
    expect(cli.read("file-at-promote")).toBe(`${KEY}\nnext:${fresh}\n`);
    expect(cli.read(cli.keyFile)).toBe(`${fresh}\n${KEY}\n`);
    expect(pendingIn(cli)).toEqual([]);
    await expectRotated(cli, store.read());
  });

  test("switches to the successor of the key text", async () => {
    const cli = keyless();
    const store = keyStore(cli, `${KEY}\nnext:${OTHER_KEY}\n`);
    const env = { PROXMOX_MCP_MASTER_KEY_COMMAND: store.get };
    await succeeds(cli, [...ALL, "--new-key-sink", store.sink()], env);
    expect(store.read()).toBe(`${OTHER_KEY}\n${KEY}\n`);
    await expectRotated(cli, store.read());
  });

  test("gets a key again that was put into the variable by hand, and nothing changes before it has it", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    const rotate = (fault: string) => [...ALL, "--new-key-sink", store.sink(fault)];
    expect((await cli.run(rotate("fail"), { env: VARIABLE })).status).toBe(8);
    const [pending = ""] = pendingIn(cli);
    const fresh = words(cli.read(pending))[1]?.replace("next:", "") ?? "";
    const env = { PROXMOX_MCP_MASTER_KEY: `${fresh} ${KEY}` };

    const failing = { status: 8, code: "SINK_FAILED" };
    const argv = [...ALL, "--new-key-sink", `sh -c 'cat >/dev/null; exit 1'`];
    await refuses(cli, argv, failing, env);
    expect(pendingIn(cli)).toEqual([pending]);
    await succeeds(cli, rotate("good"), env);
    expect(words(store.read())).toEqual([fresh, KEY]);
    expect(pendingIn(cli)).toEqual([pending]);
    await expectRotated(cli, store.read());
  });

  test("gets by --resume what the variable holds already, from its pending file", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    const rotate = (fault: string) => [...ALL, "--new-key-sink", store.sink(fault)];
    expect((await cli.run(rotate("fail2"), { env: VARIABLE })).status).toBe(9);
    const [pending = ""] = pendingIn(cli);
    const fresh = words(cli.read(pending))[1]?.replace("next:", "") ?? "";
    const env = { PROXMOX_MCP_MASTER_KEY: fresh };
    const { stderr } = await succeeds(cli, [...rotate("good"), "--resume"], env);
    expect(stderr).toContain(`Key ${idOf(fresh)} is the active one at its sink now.`);
    expect(words(store.read())).toEqual([fresh, KEY]);
  });

  test("that failed leaves a key for whoever has a place for it, a key file too", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    for (const [fault, name] of [
      ["fail", "one.key"],
      ["fail2", "two.key"],
    ] as const) {
      await cli.run([...ALL, "--new-key-sink", store.sink(fault)], { env: VARIABLE });
      const [pending = ""] = pendingIn(cli);
      const fresh = words(cli.read(pending))[1]?.replace("next:", "") ?? "";
      cli.write(name, `${KEY}\n`, 0o600);
      await succeeds(cli, [...ALL, "--key-file", name]);
      expect(words(cli.read(name))).toEqual([fresh, KEY]);
      await expectRotated(cli, cli.read(name));
      // A file holds it now: the pending one goes with the next run.
      expect(pendingIn(cli)).toEqual([pending]);
      await succeeds(cli, [...ALL, "--key-file", name]);
      expect(pendingIn(cli)).toEqual([]);
      for (const [file, text] of Object.entries(SEALED)) cli.write(file, text);
    }
  });

  test("that failed last: the files open with the pending file, and an error says so", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    await cli.run([...ALL, "--new-key-sink", store.sink("fail2")], { env: VARIABLE });
    const [pending = ""] = pendingIn(cli);
    const { status, stderr } = await cli.run(["decrypt", CONFIG], { env: VARIABLE });
    expect(status).toBe(4);
    expect(stderr).toContain(`the new key that waits in ${pending} opens it`);
    await succeeds(cli, ["decrypt", CONFIG, "--key-file", pending]);
  });

  test("that failed last, and --new-key-out then: the file is made, with the key that waits", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    await cli.run([...ALL, "--new-key-sink", store.sink("fail2")], { env: VARIABLE });
    const argv = [...ALL, "--new-key-out", "next.key"];
    const { stderr } = await succeeds(cli, argv, VARIABLE);
    expect(stderr).toContain(`export PROXMOX_MCP_MASTER_KEY="$(cat ${cli.path("next.key")})"`);
    expect(cli.mode("next.key")).toBe("600");
    await expectRotated(cli, cli.read("next.key"));
  });

  test("is not called where the files only catch up with the key that is stored", async () => {
    const cli = keyless();
    const store = keyStore(cli, `${OTHER_KEY}\n${KEY}\n`);
    const env = { PROXMOX_MCP_MASTER_KEY_COMMAND: store.get };
    await succeeds(cli, [...ALL, "--new-key-sink", store.sink()], env);
    expect(store.calls()).toEqual([]);
    expect(pendingIn(cli)).toEqual([]);
    await expectRotated(cli, store.read());
    // The same beside a writable key file.
    const other = deployment();
    other.write(other.keyFile, `${OTHER_KEY}\n${KEY}\n`, 0o600);
    const unused = keyStore(other);
    await succeeds(other, [...ALL, "--new-key-sink", unused.sink()]);
    expect(unused.calls()).toEqual([]);
  });

  test("that is read back by --sink-verify must give what it got", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    const argv = [...ALL, "--new-key-sink", store.sink(), "--sink-verify"];
    await succeeds(cli, [...argv, store.get], VARIABLE);
    await expectRotated(cli, store.read());

    const other = keyless();
    const liar = keyStore(other);
    const failed = await other.run(
      [...ALL, "--new-key-sink", liar.sink(), "--sink-verify", `echo ${"x"}`],
      { env: VARIABLE },
    );
    expect(failed.status).toBe(8);
    expect(failed.stderr).toContain("printed something that is no key text");
    expect(liar.calls()).toEqual(["prepare"]);
  });
});

describe.skipIf(process.platform === "win32")(
  "a key that others stored is flushed before any config changes",
  () => {
    // Whoever wrote it, `cp` for instance, may not have done that, and the power may go.
    const SPY = `
const fs = require("node:fs");
const paths = new Map();
const { openSync, fsyncSync, renameSync } = fs;
const note = (line) => fs.appendFileSync("../calls", line + "\\n");
fs.openSync = (path, ...more) => {
  const descriptor = openSync(path, ...more);
  paths.set(descriptor, String(path));
  return descriptor;
};
fs.fsyncSync = (descriptor) => {
  note("flush " + paths.get(descriptor));
  return fsyncSync(descriptor);
};
fs.renameSync = (from, to) => {
  note("rename " + to);
  return renameSync(from, to);
};
`;
    const BOTH = `${OTHER_KEY}\n${KEY}\n`;
    const WAITING = `${KEY}\nnext:${OTHER_KEY}\n`;

    test.each<[string, file: string, text: string, flags: readonly string[]]>([
      ["--new-key-file", "new.key", `${OTHER_KEY}\n`, ["--new-key-file", "new.key"]],
      ["--new-key-out of an earlier run", "new.key", BOTH, ["--new-key-out", "new.key"]],
      [
        "a successor in the key file",
        "my.key",
        WAITING,
        ["--new-key-sink", "sh -c 'cat > stored'"],
      ],
    ])("%s", async (_, file, text, flags) => {
      const cli = keyless();
      cli.write("my.key", `${KEY}\n`, 0o600);
      cli.write(file, text, 0o600);
      cli.write("../spy.cjs", SPY);
      const env = { NODE_OPTIONS: `--require ${join(cli.directory, "../spy.cjs")}` };
      await succeeds(cli, ["rotate-key", CONFIG, "--key-file", "my.key", ...flags], env);
      const calls = cli.read("../calls").trimEnd().split("\n");
      const flushed = calls.indexOf(`flush ${file}`);
      expect(flushed).toBeGreaterThan(-1);
      expect(flushed).toBeLessThan(calls.findIndex((call) => call.endsWith("/config.json")));
    });
  },
);

describe("two sources of one active key", () => {
  const NEXT = `${KEY}\nnext:${OTHER_KEY}\n`;

  test("one has a next key: the rotation goes on with that, and warns", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    cli.write("my.key", NEXT, 0o600);
    const env = { ...VARIABLE, PROXMOX_MCP_MASTER_KEY_FILE: "my.key" };
    const { stderr } = await succeeds(cli, [...ALL, "--new-key-sink", store.sink()], env);
    expect(stderr).toContain(
      "PROXMOX_MCP_MASTER_KEY_FILE (my.key) and PROXMOX_MCP_MASTER_KEY hold the same active master key, and not the same others",
    );
    expect(words(store.read())).toEqual([OTHER_KEY, KEY]);
    expect(words(cli.read("my.key"))).toEqual([OTHER_KEY, KEY]);
  });

  test("a key of the other one opens as well", async () => {
    const cli = keyless();
    cli.write("my.key", `${OTHER_KEY}\nnext:${Buffer.alloc(32, 0xb7).toString("base64url")}=\n`);
    chmodSync(cli.path("my.key"), 0o600);
    const env = {
      PROXMOX_MCP_MASTER_KEY: `${OTHER_KEY} ${KEY}`,
      PROXMOX_MCP_MASTER_KEY_FILE: "my.key",
    };
    await succeeds(cli, ["decrypt", CONFIG], env);
    await succeeds(cli, ALL, env);
    await expectRotated(cli, cli.read("my.key"));
  });
});

describe("a failure behind the storing of a key", () => {
  // Renames to this name fail, as on a disk that has no room for a directory entry.
  const FAIL = `
const fs = require("node:fs");
const { renameSync } = fs;
fs.renameSync = (from, to) => {
  if (String(to).endsWith(".proxmox-mcp.txn")) {
    throw Object.assign(new Error("no space"), { code: "ENOSPC", errno: -28, syscall: "rename" });
  }
  return renameSync(from, to);
};
`;

  test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ["--new-key-out", ["--new-key-out", "my.key"], VARIABLE],
    ["a key file", ["--key-file", "my.key"], {}],
  ])("%s: the error says where it waits, and that no config was changed", async (_, flags, env) => {
    const cli = keyless();
    if (flags[0] === "--key-file") cli.write("my.key", `${KEY}\n`, 0o600);
    const program = join(cli.directory, "..", "fail.cjs");
    cli.write(program, FAIL);
    const failing = { ...env, NODE_OPTIONS: `--require ${program}` };
    const { status, stderr, stdout } = await cli.run([...ALL, ...flags, "--json"], {
      env: failing,
    });
    const fresh = words(cli.read("my.key").replace("next:", "")).find((key) => key !== KEY) ?? "";
    expect(status).toBe(8);
    for (const text of [stderr, JSON.parse(stdout).error.message]) {
      expect(text).toContain(`no config was changed; the new key ${idOf(fresh)} waits in my.key`);
      expect(text).not.toContain("nothing was changed");
    }
    await succeeds(cli, [...ALL, ...flags], env);
    expect(words(cli.read("my.key"))).toEqual([fresh, KEY]);
  });
});

test("no key is made, nor a sink called, where there is nothing to rotate", async () => {
  const cli = keyless({ "plain.json": '{"a": "b"}\n', "package.json": "{}" });
  const store = keyStore(cli);
  mkdirSync(join(cli.home, ".local/state/proxmox-mcp"), { recursive: true, mode: 0o700 });
  const before = state(cli);
  const { stderr } = await succeeds(cli, [...ALL, "--new-key-sink", store.sink()], VARIABLE);
  expect(stderr).toContain(
    "Nothing to rotate: no file that is taken holds a token. No key was made",
  );
  expect(stderr).not.toContain("Next:");
  expect(store.calls()).toEqual([]);
  expect(state(cli)).toEqual(before);
});

test("--stdout prints the new key text beside its durable place, and nothing without it", async () => {
  const cli = deployment();
  const { stdout } = await succeeds(cli, [...ALL, "--stdout"]);
  expect(stdout).toBe(cli.read(cli.keyFile));
  const silent = await succeeds(cli, ALL);
  expect(silent.stdout).toBe("");
  const json = await succeeds(cli, [...ALL, "--stdout", "--json"]);
  expect(`${JSON.parse(json.stdout).key}\n`).toBe(cli.read(cli.keyFile));
  const planned = await succeeds(cli, [...ALL, "--stdout", "--dry-run"]);
  expect(planned.stdout).toBe("");

  const nowhere = keyless();
  await refuses(nowhere, [...ALL, "--stdout"], { status: 3, code: "KEY_DESTINATION" }, VARIABLE);
});

test.skipIf(process.platform === "win32")(
  "a pending file in a directory where others may write stops the run",
  async () => {
    const cli = keyless();
    const store = keyStore(cli);
    const argv = [...ALL, "--new-key-sink", store.sink()];
    await succeeds(cli, argv, VARIABLE);
    chmodSync(join(cli.home, ".local/state/proxmox-mcp"), 0o777);
    const { stderr } = await refuses(cli, argv, { status: 3, code: "KEY_UNREADABLE" }, VARIABLE);
    expect(stderr).toContain("others may write in");
  },
);

test("the ids in the JSON are those of the keys in the stores", async () => {
  const cli = deployment();
  const { stdout } = await succeeds(cli, [...ALL, "--json"]);
  const [fresh = ""] = words(cli.read(cli.keyFile));
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    exitStatus: 0,
    command: "rotate-key-all",
    outcome: "rotated",
    oldKeyId: OLD_ID,
    newKeyId: idOf(fresh),
    newKeyOrigin: "fresh",
    keyFrom: cli.keyFile,
    destination: { kind: "key-file", file: cli.keyFile },
    newKeyFile: cli.keyFile,
    recovered: [],
  });
});
