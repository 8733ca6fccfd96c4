/** Runs that meet: two rotations, a rotation and an encryption, an editor that saves meanwhile. */
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BINARY, type Cli, cleanEnvironment } from "../cli.ts";
import { config, KEY } from "../material.ts";
import {
  CONFIG,
  deployment,
  ENV,
  expectRotated,
  keyless,
  keyStore,
  opened,
  SEALED,
  SERVERS,
  type Store,
  state,
  words,
} from "./deployment.ts";

const linux = process.platform === "linux";
const VARIABLE = { PROXMOX_MCP_MASTER_KEY: KEY };

/** A rotation that waits in the first call of its sink, until it is let go. */
async function waiting(cli: Cli, store: Store, argv: readonly string[], env = {}) {
  const gate = store.path("gate");
  execFileSync("mkfifo", [gate]);
  const child = spawn(process.execPath, [BINARY, ...argv, "--new-key-sink", store.sink("wait")], {
    cwd: cli.directory,
    env: { ...cleanEnvironment(cli.home), ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  // A pipe without a reader holds whoever opens it for writing: when this returns, the sink reads.
  const opened = spawn("sh", ["-c", 'exec 3> "$1"; echo open; cat >&3', "sh", gate], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await new Promise((resolve) => opened.stdout.once("data", resolve));
  return {
    pid: child.pid,
    async letGo() {
      opened.stdin.end();
      const status = await ended;
      return { status, stderr };
    },
  };
}

describe.skipIf(!linux)("while a rotation is under way", () => {
  test.each<[string, readonly string[]]>([
    ["a rotation of the same files", ["rotate-key", CONFIG, ENV]],
    ["a rotation from another directory, of some of them", ["rotate-key-all", "two"]],
    ["a rotation of other files with the same key file", ["rotate-key-all", "three"]],
    ["an encryption beside its files", ["encrypt", "two/plain.json", "--in-place"]],
    ["a value set in one of its files", ["set", ENV, "MCPO_API_KEY", "--generate", "hex32"]],
    ["a key prepared for the same key file", ["prepare-key"]],
    ["--resume", ["rotate-key", CONFIG, "--resume"]],
    ["--abort", ["rotate-key-all", ".", "--abort"]],
  ])("%s changes nothing and is told who holds the lock", async (_, argv) => {
    const cli = deployment();
    cli.write("two/plain.json", config());
    cli.write("three/config.json", SEALED[CONFIG] ?? "");
    const store = keyStore(cli);
    const first = await waiting(cli, store, ["rotate-key", CONFIG, SERVERS, ENV]);
    const before = state(cli);
    const { status, stderr } = await cli.run(argv);
    if (argv.includes("--abort")) {
      // Nothing is written yet beside the key, and so nothing stands open.
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: "No interrupted run was found: nothing was changed.\n",
      });
    } else {
      expect(stderr).toMatch(/^error\[LOCKED\]: /);
      expect(stderr).toContain("rotate-key");
      expect(stderr).toContain(String(first.pid));
      expect(status).toBe(10);
    }
    expect(state(cli)).toEqual(before);
    const done = await first.letGo();
    expect(done.status, done.stderr).toBe(0);
    await expectRotated(cli, cli.read(cli.keyFile));
  });

  test("another one with the same variable and a sink waits for its key, and makes none", async () => {
    const cli = keyless();
    cli.write("three/config.json", SEALED[CONFIG] ?? "");
    const store = keyStore(cli);
    const first = await waiting(cli, store, ["rotate-key", CONFIG, SERVERS, ENV], VARIABLE);
    const argv = ["rotate-key-all", "three", "--new-key-sink", store.sink()];
    const { status, stderr } = await cli.run(argv, { env: VARIABLE });
    expect(stderr).toMatch(/^error\[LOCKED\]: /);
    expect(status).toBe(10);
    expect((await first.letGo()).status).toBe(0);

    const stored = store.read();
    const again = await cli.run(argv, { env: VARIABLE });
    expect(again.status, again.stderr).toBe(0);
    expect(store.read()).toBe(stored);
    expect((await opened(cli, stored, ["three/config.json"])).keyIds).toHaveLength(1);
  });

  test("a run that begins while another one has looked for a waiting key, and made none yet", async () => {
    const cli = keyless();
    cli.write("three/config.json", SEALED[CONFIG] ?? "");
    const store = keyStore(cli);
    const sink = ["--new-key-sink", store.sink()];
    const hook = join(cli.directory, "../hook.cjs");
    const other = [BINARY, "rotate-key-all", "three", ...sink];
    // In the first look at the first file.
    cli.write(
      hook,
      `const fs = require("node:fs");
const original = fs.openSync;
let isFirst = true;
fs.openSync = (path, ...more) => {
  if (isFirst && String(path).endsWith("one/config.json")) {
    isFirst = false;
    const { NODE_OPTIONS, ...env } = process.env;
    const { status } = require("node:child_process").spawnSync(process.execPath, ${JSON.stringify(other)}, { env });
    fs.writeFileSync("../status", String(status));
  }
  return original(path, ...more);
};
`,
    );
    const env = { ...VARIABLE, NODE_OPTIONS: `--require ${hook}` };
    const { status, stderr } = await cli.run(["rotate-key", CONFIG, SERVERS, ENV, ...sink], {
      env,
    });
    expect(status, stderr).toBe(0);
    expect(cli.read("../status")).toBe("10");
    expect(words(store.read())).toEqual([expect.any(String), KEY]);
    expect(cli.read("three/config.json")).toBe(SEALED[CONFIG]);
    await expectRotated(cli, store.read());
  });

  test("an editor that saves one of its files wins: the run changes no file, and says which", async () => {
    const cli = deployment();
    const store = keyStore(cli);
    const argv = ["rotate-key", CONFIG, SERVERS, ENV, "--new-key-sink"];
    const sink = store.sink("edit", cli.path(SERVERS));
    const { status, stderr } = await cli.run([...argv, sink]);
    expect(stderr).toMatch(/^error\[FILE_CHANGED\]: .*servers\.yaml was changed by somebody else/);
    expect(status).toBe(8);
    expect(cli.read(CONFIG)).toBe(SEALED[CONFIG]);
    expect(cli.read(SERVERS)).toBe(`${SEALED[SERVERS]}\n`);
    const [, next = ""] = words(store.read());
    // The key waits, and is the one of the next run.
    const again = await cli.run([...argv, store.sink()]);
    expect(again.status, again.stderr).toBe(0);
    expect(store.read()).toBe(`${next.replace("next:", "")}\n${KEY}\n`);
  });

  test("Ctrl-C ends it before the commit point, and the key that was stored waits", async () => {
    const cli = deployment();
    const store = keyStore(cli);
    const first = await waiting(cli, store, ["rotate-key", CONFIG, SERVERS, ENV]);
    process.kill(first.pid ?? 0, "SIGINT");
    const { status, stderr } = await first.letGo();
    expect(stderr).toMatch(/^error\[INTERRUPTED\]: /);
    expect(status).toBe(130);
    for (const [name, text] of Object.entries(SEALED)) expect(cli.read(name)).toBe(text);
    expect(words(cli.read(cli.keyFile))).toEqual([KEY, expect.stringMatching(/^next:/)]);
  });
});

describe.skipIf(!linux)("behind its commit point", () => {
  /** A sink that does something at its second call, when the files are done. */
  function atPromote(cli: Cli, store: Store, what: string): string {
    cli.write(
      "../promote.sh",
      `if [ "$PROXMOX_MCP_SINK_PHASE" = promote ]; then ${what}; fi\nexec ${store.sink()}\n`,
    );
    return `sh ${join(cli.directory, "../promote.sh")}`;
  }

  test.each(["INT", "TERM", "HUP"])(
    "SIG%s does not stop it: the key is promoted",
    async (signal) => {
      const cli = keyless();
      const store = keyStore(cli);
      const sink = atPromote(cli, store, `kill -${signal} $PPID`);
      const argv = ["rotate-key", CONFIG, SERVERS, ENV, "--new-key-sink", sink];
      const { status } = await cli.run(argv, { env: VARIABLE });
      expect(status).toBe(0);
      expect(store.calls()).toEqual(["prepare", "promote"]);
      await expectRotated(cli, store.read());
    },
  );

  test("a closed stderr does not stop it, nor a closed stdout; and the talk comes before the data", async () => {
    const cli = deployment();
    const through = ["sh", "-c", 'exec "$@" 2>&-', "sh"];
    await cli.run(["rotate-key-all", "."], { through });
    await expectRotated(cli, cli.read(cli.keyFile));

    const { status, stderr } = await cli.run(["rotate-key-all", ".", "--stdout"], {
      stdout: "closed pipe",
    });
    await expectRotated(cli, cli.read(cli.keyFile));
    expect(stderr).toContain("Rotated 3 files to key");
    expect(stderr).toContain("stdout is closed or full, but the rotation is done");
    expect(stderr).toContain("do not rotate again");
    expect(status).toBe(9);
  });

  test("a stderr that takes nothing does not stop it, however long it is", async () => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 12; index += 1) files[`c${index}.json`] = SEALED[CONFIG] ?? "";
    const cli = deployment(files);
    const through = ["sh", "-c", 'exec "$@" 2>/dev/full', "sh"];
    const { status } = await cli.run(["rotate-key-all", "."], { through });
    const { keyIds } = await opened(cli, cli.read(cli.keyFile), Object.keys(files));
    expect(keyIds).toHaveLength(1);
    expect(words(cli.read(cli.keyFile))).toHaveLength(2);
    expect(status).toBe(9);
  });
});

describe.skipIf(!linux)(
  "a key file that somebody else makes under the name of --new-key-out",
  () => {
    const key = `${Buffer.alloc(32, 0xb7).toString("base64url")}=\n`;

    // The locks keep our own runs out; this is another program.
    test.each([
      ["before the key is stored", "openSync", 0, "config.json"],
      ["in the moment when the key is stored", "linkSync", 1, "next.key"],
    ])("%s is not touched, and no config changes", async (_, call, argument, name) => {
      const cli = keyless();
      const hook = join(cli.directory, "../hook.cjs");
      cli.write(
        hook,
        `const fs = require("node:fs");
const original = fs.${call};
fs.${call} = (...all) => {
  if (!fs.existsSync("next.key") && String(all[${argument}]).endsWith("/${name}")) {
    fs.writeFileSync("next.key", ${JSON.stringify(key)}, { mode: 0o600 });
  }
  return original(...all);
};
`,
      );
      const { status, stderr } = await cli.run(
        ["rotate-key", CONFIG, "--new-key-out", "next.key"],
        {
          env: { ...VARIABLE, NODE_OPTIONS: `--require ${hook}` },
        },
      );
      expect(stderr).toMatch(/^error\[KEY_FILE_EXISTS\]/);
      expect(status).toBe(8);
      expect(cli.read("next.key")).toBe(key);
      expect(cli.read(CONFIG)).toBe(SEALED[CONFIG]);
    });
  },
);
