/** What is derived before the check is loaded: the guess, and that a wrong one changes nothing. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { deriveAhead } from "../../src/health/derive-ahead.ts";
import { directory, KEY, OTHER_KEY, placeConfig, runServer, sealedConfig } from "../run-server.ts";

const ENV = { PROXMOX_MCP_MASTER_KEY: KEY };
const place = async () => join(directory, placeConfig(await sealedConfig()));

test("a check of a config begins with the key and the salt of its first token", async () => {
  const config = await place();
  for (const [argv, env] of [
    [["--test", config], ENV],
    [["--json", config, "--test"], ENV],
    [["--test"], { ...ENV, PROXMOX_MCP_CONFIG: config }],
  ] as const) {
    const started = deriveAhead(argv, env);
    expect(Buffer.from(started?.key ?? []).toString("base64url")).toBe(KEY.replace(/=$/, ""));
    expect(started?.salt).toHaveLength(17);
  }
});

test("other flags, no config and no key begin nothing", async () => {
  const config = await place();
  for (const argv of [
    ["--test"],
    ["--test", config, "another.json"],
    ["--test", "--config", config],
    ["--test", config, "--key-file", "key"],
    ["--test", config, "--key-env=OTHER"],
    ["--test", config, "--keyring"],
    ["--test", `${config}.missing`],
  ]) {
    expect(deriveAhead(argv, ENV), argv.join(" ")).toBeUndefined();
  }
  expect(deriveAhead(["--test", config], {})).toBeUndefined();
});

test("a key that is named opens, whatever key stands in the environment", async () => {
  const config = await place();
  const env = { PROXMOX_MCP_MASTER_KEY: OTHER_KEY, RIGHT: KEY };
  expect(runServer(["--test", config], { env }).status).toBe(4);
  expect(runServer(["--test", config, "--key-env", "RIGHT"], { env }).status).toBe(0);
});
