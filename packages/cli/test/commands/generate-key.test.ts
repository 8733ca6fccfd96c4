import { describe, expect, test } from "vitest";
import { createCli } from "../cli.ts";
import { config, SECRET } from "../material.ts";

const KEY_TEXT = /^[A-Za-z0-9_-]{43}=\n$/;

describe("a key file", () => {
  test("is made in the home, and says how to use it but not the key", async () => {
    const cli = createCli();
    const { status, stdout, stderr } = await cli.run(["generate-key"]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    const key = cli.read(cli.keyFile);
    expect(key).toMatch(KEY_TEXT);
    expect(Buffer.from(key, "base64url")).toHaveLength(32);
    const lines = stderr.split("\n").map((line) => line.trim());
    expect(lines).toContain(`export PROXMOX_MCP_MASTER_KEY_FILE=${cli.keyFile}`);
    expect(lines).toContain(`export PROXMOX_MCP_MASTER_KEY=$(cat ${cli.keyFile})`);
    expect(stderr).toMatch(
      /Store this file securely.*Back it up.*losing the encrypted values.*600/is,
    );
    expect(stderr).not.toContain(key.slice(0, 12));
  });

  test.skipIf(process.platform === "win32").each(["000", "022", "077", "177"])(
    "has mode 600 under umask %s",
    async (umask) => {
      const cli = createCli();
      const through = ["sh", "-c", `umask ${umask} && exec "$@"`, "sh"];
      const { status } = await cli.run(["generate-key", "-o", "key"], { through });
      expect(status).toBe(0);
      expect(cli.mode("key")).toBe("600");
    },
  );

  test("works at once: both export lines, run by a shell, open what it sealed", async () => {
    const cli = createCli();
    cli.write("config.json", config());
    const odd = "a key's file";
    const { stderr } = await cli.run(["generate-key", "-o", odd]);
    const exports = stderr.split("\n").filter((line) => line.includes("export "));
    expect(exports).toHaveLength(2);
    for (const [index, line] of exports.entries()) {
      const through = ["sh", "-c", `${line}\nexec "$@"`, "sh"];
      const sealed = await cli.run(["encrypt", "config.json", "-o", `${index}.json`], { through });
      expect(sealed.status).toBe(0);
      const opened = await cli.run(["decrypt", `${index}.json`], { through });
      expect(opened.stdout).toContain(SECRET);
    }
  });

  test("is a new key each time", async () => {
    const cli = createCli();
    await cli.run(["generate-key", "-o", "a"]);
    await cli.run(["generate-key", "-o", "b"]);
    expect(cli.read("a")).not.toBe(cli.read("b"));
  });
});

test("two at once: one makes the key, the other changes nothing", async () => {
  const cli = createCli();
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => cli.run(["generate-key", "--stdout"])));
  const won = outcomes.filter(({ status }) => status === 0);
  expect(won).toHaveLength(1);
  expect(won[0]?.stdout).toBe(cli.read(cli.keyFile));
  for (const { status, stdout, stderr } of outcomes) {
    if (status === 0) continue;
    // The one that comes while the other writes finds the directory locked.
    expect(stderr).toMatch(/^error\[(KEY_FILE_EXISTS|LOCKED)\]/);
    expect({ status, stdout }).toEqual({ status: stderr.includes("LOCKED") ? 10 : 8, stdout: "" });
  }
});

test("--stdout prints the key and its line end, beside the file", async () => {
  const cli = createCli();
  const { stdout } = await cli.run(["generate-key", "--stdout"]);
  expect(stdout).toMatch(KEY_TEXT);
  expect(cli.read(cli.keyFile)).toBe(stdout);
});

test("--json tells the key with --stdout alone", async () => {
  const cli = createCli();
  const quiet = JSON.parse((await cli.run(["generate-key", "-o", "a", "--json"])).stdout);
  expect(quiet).toEqual({
    ok: true,
    exitStatus: 0,
    command: "generate-key",
    file: "a",
    keyring: null,
    keyId: expect.stringMatching(/^[0-9a-f]{8}$/),
    mode: "600",
    recovered: [],
    warnings: [],
  });
  const loud = JSON.parse(
    (await cli.run(["generate-key", "-o", "b", "--json", "--stdout"])).stdout,
  );
  expect(`${loud.key}\n`).toBe(cli.read("b"));
});
