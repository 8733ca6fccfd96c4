/** No key and no secret in what a rotation says, logs, passes on or calls its files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Cli, Outcome } from "../cli.ts";
import { leakDetector } from "../leaks.ts";
import { BOUND, config, corrupted, KEY } from "../material.ts";
import {
  CONFIG,
  deployment,
  ENV,
  keyless,
  keyStore,
  namesIn,
  SECRETS,
  SERVERS,
  words,
} from "./deployment.ts";
import { dyingAfter } from "./dying.ts";

const ALL = [CONFIG, SERVERS, ENV];

/** Every key that is in a key text on the disk, and every secret of the configs. */
function marks(cli: Cli): Readonly<Record<string, string>> {
  const keys = cli.snapshot().flatMap((line) => line.match(/(?<![\w-])[\w-]{43}=(?![\w=])/g) ?? []);
  const secrets = SECRETS.filter((secret) => secret.length >= 12);
  return Object.fromEntries([...new Set([KEY, ...keys, ...secrets])].map((mark) => [mark, mark]));
}

function expectNoLeak(cli: Cli, outcomes: readonly Outcome[]): void {
  const leaks = leakDetector(marks(cli));
  for (const { stdout, stderr } of outcomes) {
    expect(leaks(stdout)).toEqual([]);
    expect(leaks(stderr)).toEqual([]);
  }
  expect(leaks(namesIn(cli).join("\n"))).toEqual([]);
  for (const line of cli.snapshot()) {
    // Keys belong into key files, pending files and the store alone.
    const [name = ""] = line.split(" ");
    if (!/proxmox_mcp_key|\.key$|\/pending-|put\.sh\.d\/(key|next|lost)$/.test(name)) {
      expect(leaks(line), name).toEqual([]);
    }
  }
}

test.each([
  ["a rotation", ["rotate-key", ...ALL]],
  ["a rotation of all", ["rotate-key-all", "."]],
  ["a plan", ["rotate-key-all", ".", "--dry-run"]],
  ["a prepared key", ["prepare-key"]],
  ["JSON", ["rotate-key", ...ALL, "--json"]],
  ["debug logging", ["rotate-key", ...ALL, "--debug"]],
  ["a new file", ["rotate-key", ...ALL, "--new-key-out", "next.key"]],
])("%s gives none away, nor does its audit log", async (_, argv) => {
  const cli = deployment();
  const env = { PROXMOX_MCP_AUDIT_LOG: join(cli.home, "audit.log") };
  const first = await cli.run(argv, { env });
  const again = await cli.run(argv, { env });
  expect(first.status, first.stderr).toBe(0);
  expectNoLeak(cli, [first, again]);
});

test("the audit log names the files, the ids of both keys and the outcome", async () => {
  const cli = deployment();
  cli.write("bad.json", config("enc:nonsense"));
  const env = { PROXMOX_MCP_AUDIT_LOG: join(cli.home, "audit.log") };
  const { stdout } = await cli.run(["rotate-key", CONFIG, "--json"], { env });
  await cli.run(["rotate-key", "bad.json"], { env });
  await cli.run(["rotate-key", CONFIG, "--dry-run"], { env });
  const { oldKeyId, newKeyId } = JSON.parse(stdout);
  const lines = cli
    .read(env.PROXMOX_MCP_AUDIT_LOG)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { operation: "rotate-key", keyIds: [oldKeyId, newKeyId], outcome: "done" },
    { operation: "rotate-key", files: ["bad.json"], keyIds: [], outcome: "TOKEN_MALFORMED" },
  ]);
  expect(lines[0].files).toContain(CONFIG);
});

describe.skipIf(process.platform === "win32")("a sink", () => {
  test("gets the keys on its standard input alone: not in its arguments, not in its environment", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    cli.write(
      "../spy.sh",
      `{ env; tr '\\0' '\\n' < /proc/$$/cmdline; tr '\\0' '\\n' < /proc/$PPID/cmdline; tr '\\0' '\\n' < /proc/$$/environ; } > "$1" 2>/dev/null\nexec ${store.sink()}\n`,
    );
    const spied = cli.path("spied");
    const sink = `sh ${join(cli.directory, "../spy.sh")} ${spied}`;
    const env = { STAGING_KEY: KEY, OTHER: "kept", PROXMOX_MCP_MASTER_KEY_COMMAND: "false" };
    const argv = ["rotate-key", ...ALL, "--key-env", "STAGING_KEY", "--new-key-sink", sink];
    const outcome = await cli.run(argv, { env });
    expect(outcome.status, outcome.stderr).toBe(0);
    const seen = readFileSync(spied, "utf8");
    expect(seen).toContain("PROXMOX_MCP_SINK_PHASE=promote");
    expect(seen).toContain("OTHER=kept");
    expect(seen).not.toContain("PROXMOX_MCP_MASTER_KEY");
    expect(leakDetector(marks(cli))(seen)).toEqual([]);
    expectNoLeak(cli, [outcome]);
  });

  test("that repeats the key text on its way out does not get it into the error", async () => {
    const cli = keyless();
    cli.write("../echo.sh", "tee /dev/stderr; echo; exit 1\n");
    const sink = `sh ${join(cli.directory, "../echo.sh")}`;
    const outcome = await cli.run(["rotate-key", ...ALL, "--new-key-sink", sink, "--debug"], {
      env: { PROXMOX_MCP_MASTER_KEY: KEY },
    });
    expect(outcome.status).toBe(8);
    expectNoLeak(cli, [outcome]);
  });

  test("with a key in its command line is refused, and the key not repeated", async () => {
    const cli = deployment();
    const outcome = await cli.run(["rotate-key", CONFIG, "--new-key-sink", `store ${KEY}`]);
    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain("--new-key-sink holds a key");
    expectNoLeak(cli, [outcome]);
  });
});

test("failures give none away, with a stack trace either", async () => {
  const cli = deployment();
  cli.write("bad.json", config(corrupted(BOUND.token)));
  const failed = await cli.run(["rotate-key-all", ".", "--debug"]);
  const json = await cli.run(["rotate-key-all", ".", "--json"]);
  expect([failed.status, json.status]).toEqual([4, 4]);
  expectNoLeak(cli, [failed, json]);
});

test("a run that is killed leaves none outside of the key files", async () => {
  const cli = deployment();
  const killed = await cli.run(["rotate-key", ...ALL], {
    env: dyingAfter(cli, "renameSync", "config.json"),
  });
  expect(killed.signal).toBe("SIGKILL");
  expect(readdirSync(cli.path("one"))).toContain(".proxmox-mcp.txn");
  expectNoLeak(cli, [killed]);
});

test("--stdout gives the new key text, and nothing else does", async () => {
  const cli = deployment();
  const outcome = await cli.run(["rotate-key", CONFIG, "--stdout"]);
  expect(words(outcome.stdout)).toEqual(words(cli.read(cli.keyFile)));
  expectNoLeak(cli, [{ ...outcome, stdout: "" }]);
});
