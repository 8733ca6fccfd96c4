/** Streams that cannot be written: no exit status 0 without the data. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createCli } from "../cli.ts";
import { BOUND, config, KEY, SECRET } from "../material.ts";

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
    expect(status).toBe(8);
    expect(cli.mode(cli.keyFile)).toBe("600");
    expect(stderr).toContain(cli.keyFile);
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
  expect(status).toBe(8);
  const check = await cli.run(["decrypt", "config.encrypted.json"]);
  expect(check.stdout).toBe(config());
});
