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

  test("decrypt into its directory finishes it, and says so", async () => {
    const cli = await killedWithOneFileReplaced();
    const argv = ["decrypt", SERVERS, "-o", "two/plain.yaml"];
    const { stdout } = await succeeds(cli, [...argv, "--json"]);
    const { keyId, warnings, recovered } = JSON.parse(stdout);
    expect(warnings).toEqual([WARNING]);
    expect(recovered).toMatchObject([{ operation: "rotate-key", outcome: "finished", left: [] }]);
    expect(keyId).not.toBe(OLD_ID);
    expect(leftovers(cli)).toEqual([]);
  });

  test("decrypt to stdout closes nothing", async () => {
    const cli = await killedWithOneFileReplaced();
    const before = cli.snapshot();
    const { stderr } = await succeeds(cli, ["decrypt", SERVERS]);
    expect(stderr).toBe("");
    expect(cli.snapshot()).toEqual(before);
  });

  test("generate-key beside a config finishes it, and says so", async () => {
    const cli = await killedWithOneFileReplaced();
    const { stderr } = await succeeds(cli, ["generate-key", "-o", "two/new.key"]);
    expect(stderr).toContain(`warning: ${WARNING}`);
    expect(leftovers(cli)).toEqual([]);
  });

  test("generate-key that finds a key file says what it finished before", async () => {
    const cli = await killedWithOneFileReplaced();
    const { status, stderr } = await cli.run(["generate-key"]);
    expect(status).toBe(8);
    expect(stderr).toContain("nothing else was written; before that, an interrupted rotate-key");
    expect(leftovers(cli)).toEqual([]);
  });

  // Each with a file that it writes beside the one that was changed.
  const writers: Readonly<Record<string, readonly string[]>> = {
    set: ["set", CONFIG, "/auth/token_value", "--generate", "uuid"],
    encrypt: ["encrypt", "plain.json", "-o", "one/out.json"],
    decrypt: ["decrypt", CONFIG, "-o", "one/out.json"],
    "generate-key": ["generate-key", "-o", "one/new.key"],
    "prepare-key": ["prepare-key"],
  };

  test.each(Object.entries(writers))(
    "%s exits 7 where a file was left that somebody else changed, and names it",
    async (_, argv) => {
      const cli = await killedWithOneFileReplaced();
      cli.write("plain.json", '{"auth": {"token_value": "an example"}}');
      const edited = `${cli.read(SERVERS)}# edited\n`;
      cli.write(SERVERS, edited);
      const { status, stdout } = await cli.run([...argv, "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        exitStatus: 7,
        recovered: [{ outcome: "finished", left: [cli.path(SERVERS)] }],
      });
      expect(status).toBe(7);
      expect(cli.read(SERVERS)).toBe(edited);
      expect(leftovers(cli)).toEqual([]);
      // What that run did is told once: the next one has nothing to look at.
      const again = ["set", CONFIG, "/auth/token_value", "--generate", "uuid"];
      expect((await succeeds(cli, again)).stderr).not.toContain("interrupted");
    },
  );

  test("people read the name of a file that was left, and so they do where the rest fails", async () => {
    for (const field of ["/auth/token_value", "/auth/nobody"]) {
      const cli = await killedWithOneFileReplaced();
      cli.write(SERVERS, `${cli.read(SERVERS)}# edited\n`);
      const { status, stderr } = await cli.run(["set", CONFIG, field, "--generate", "uuid"]);
      expect(status).toBe(field === "/auth/nobody" ? 5 : 7);
      expect(stderr).toContain(
        `${cli.path(SERVERS)} was changed by somebody else meanwhile, and was left as it is`,
      );
    }
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
