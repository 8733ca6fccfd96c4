/** A user whom the system does not know, as in a container with a number for a user: who has no home. */
import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { createCli } from "../cli.ts";
import { config, KEY } from "../material.ts";

const WITHOUT_HOME = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"];
const through = ["env", "--unset=HOME", ...WITHOUT_HOME];

test("works with a key that is named", async () => {
  const cli = createCli();
  cli.write("config.json", config(), 0o644);
  chmodSync(cli.directory, 0o777);
  const env = { PROXMOX_MCP_MASTER_KEY: KEY };
  const outcome = await cli.run(["encrypt", "config.json", "-o", "sealed.json"], { env, through });
  expect(outcome).toMatchObject({ status: 0, stdout: "" });
  expect(cli.read("sealed.json")).toContain("enc:");
});

test("is told that there is no key, and where one can be written", async () => {
  const cli = createCli();
  cli.write("config.json", config(), 0o644);
  const missing = await cli.run(["encrypt", "config.json"], { through });
  expect(missing.status).toBe(3);
  expect(missing.stderr).toContain("error[KEY_MISSING]");
  const made = await cli.run(["generate-key"], { through });
  expect(made.status).toBe(8);
  expect(made.stderr).toMatch(/^error\[WRITE_FAILED\].*\/nonexistent.*Way out:/);
});
