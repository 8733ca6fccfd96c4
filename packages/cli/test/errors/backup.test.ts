/** A backup that cannot be made. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { createCli } from "../cli.ts";
import { BOUND, config, KEY } from "../material.ts";

/** Loaded ahead of the tool. The disk has no room left when an old text is to be kept. */
const FULL = `
const fs = require("node:fs");
const original = fs.linkSync;
fs.linkSync = (from, to) => {
  if (!to.endsWith(".old")) return original(from, to);
  throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC", errno: -28, syscall: "link" });
};
`;

test.each([
  ["rotate-key", "config.json"],
  ["rotate-key-all", "."],
])("%s says so in the words of the Python tool, and changes no config", async (command, path) => {
  const cli = createCli();
  const program = join(cli.directory, "..", "full.cjs");
  cli.write(program, FULL);
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  cli.write("config.json", config(BOUND.token));

  const around = { env: { NODE_OPTIONS: `--require ${program}` } };
  const { status, stderr } = await cli.run([command, path, "--yes"], around);

  expect(status).toBe(8);
  expect(stderr).toMatch(
    /^error\[WRITE_FAILED\]: Failed to create backup of \S+\/config\.json: no space is left on the device; .* Way out: free some space/m,
  );
  expect(cli.read("config.json")).toBe(config(BOUND.token));
  expect(cli.snapshot().join("\n")).not.toMatch(/\.backup\.|\.pm-/);
});
