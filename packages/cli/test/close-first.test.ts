/** Commands that write one file find a rotation that was killed, and close it before they read. */
import { describe, expect, test } from "vitest";
import type { Cli } from "./cli.ts";
import {
  CONFIG,
  deployment,
  ENV,
  leftovers,
  OLD_ID,
  SERVERS,
  succeeds,
} from "./rotation/deployment.ts";
import { dyingAfter } from "./rotation/dying.ts";

async function killedWithOneFileReplaced(): Promise<Cli> {
  const cli = deployment();
  const env = dyingAfter(cli, "renameSync", "config.json");
  const { signal } = await cli.run(["rotate-key", CONFIG, SERVERS, ENV], { env });
  expect(signal).toBe("SIGKILL");
  expect(leftovers(cli)).not.toEqual([]);
  return cli;
}

const WARNING = "an interrupted rotate-key was finished first";

describe("after a rotation that was killed", () => {
  test("set seals its value with the new key, in the text that the rotation left", async () => {
    const cli = await killedWithOneFileReplaced();
    const argv = ["set", SERVERS, "/servers/staging/token_secret", "--generate", "uuid", "--json"];
    const { stdout } = await succeeds(cli, argv);
    const { keyId, warnings } = JSON.parse(stdout);
    expect(warnings).toEqual([WARNING]);
    expect(keyId).not.toBe(OLD_ID);
    expect(leftovers(cli)).toEqual([]);
    const status = await succeeds(cli, ["status", CONFIG, SERVERS, ENV, "--check", "--json"]);
    expect(JSON.parse(status.stdout)).toMatchObject({ phase: "rotated", interrupted: [] });
  });

  test("encrypt finishes it as well, for its output's directory", async () => {
    const cli = await killedWithOneFileReplaced();
    cli.write("plain.json", '{"auth": {"token_value": "an example"}}');
    const { stderr } = await succeeds(cli, ["encrypt", "plain.json", "-o", "two/out.json"]);
    expect(stderr).toContain(`warning: ${WARNING}`);
    expect(leftovers(cli)).toEqual([]);
  });

  test("what fails behind that says what was done before", async () => {
    const cli = await killedWithOneFileReplaced();
    const argv = ["set", SERVERS, "/servers/nobody/token_secret"];
    const { status, stderr } = await cli.run(argv, { input: "x" });
    expect(status).toBe(5);
    expect(stderr).toContain("before that, an interrupted rotate-key was finished");
    expect(leftovers(cli)).toEqual([]);
  });

  test("status says where, and changes nothing", async () => {
    const cli = await killedWithOneFileReplaced();
    const before = cli.snapshot();
    const { stdout } = await succeeds(cli, ["status", CONFIG, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: [cli.path("one")], phase: "switched" });
    const { stdout: table } = await succeeds(cli, ["status", CONFIG, "--table"]);
    expect(table).toContain("was interrupted, or is under way");
    expect(cli.snapshot()).toEqual(before);
  });
});
