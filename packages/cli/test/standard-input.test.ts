/** What stands behind stdin makes no difference to what is read from it. */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { BINARY, type Cli, cleanEnvironment, createCli } from "./cli.ts";
import { BOUND, config, KEY } from "./material.ts";

const SET = ["set", "sealed.json", "/auth/token_value"];
const LARGE = 300_000;

function prepared(): Cli {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  cli.write("sealed.json", config(BOUND.token));
  cli.write("value", "from a file");
  cli.write("lines", "one\ntwo\n");
  cli.write("large", "x".repeat(LARGE));
  return cli;
}

async function setThrough(cli: Cli, script: string): Promise<string> {
  const { status, stderr } = await cli.run(SET, { through: ["sh", "-c", script, "sh"] });
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringContaining("Sealed a new value for /auth/token_value"),
  });
  const { stdout } = await cli.run(["decrypt", "sealed.json", "--field", "/auth/token_value"]);
  return stdout.slice(0, -1);
}

describe.skipIf(process.platform === "win32")("a value comes whole", () => {
  test.each([
    ["from a file", '"$@" < value', "from a file"],
    ["from a file of which a part was read", '{ read -r first; "$@"; } < lines', "two"],
    ["from a large file", '"$@" < large', "x".repeat(LARGE)],
    ["from a pipe that is full", 'printf %s "from a pipe" | "$@"', "from a pipe"],
    ["from a large pipe", 'cat large | "$@"', "x".repeat(LARGE)],
    ["from a pipe that is slow", '{ printf one; sleep 1; printf two; } | "$@"', "onetwo"],
    ["from a pipe that says nothing at first", '{ sleep 1; printf late; } | "$@"', "late"],
  ])("%s", async (_, script, value) => {
    expect(await setThrough(prepared(), script)).toBe(value);
  });

  test("from a socket", async () => {
    const cli = prepared();
    const { status } = await cli.run(SET, { input: "from a socket" });
    expect(status).toBe(0);
    const { stdout } = await cli.run(["decrypt", "sealed.json", "--field", "/auth/token_value"]);
    expect(stdout).toBe("from a socket\n");
  });
});

describe.skipIf(process.platform === "win32")("where nothing comes", () => {
  test("nothing is not a value", async () => {
    const cli = prepared();
    const before = cli.read("sealed.json");
    const { status, stderr } = await cli.run(SET, { through: ["sh", "-c", 'true | "$@"', "sh"] });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/^error\[[A-Z_]+\]: .+ Way out: .+\.\n$/);
    expect(cli.read("sealed.json")).toBe(before);
  });

  test("what is in a pipe that only others may read is left to them", async () => {
    const cli = prepared();
    const script = '{ printf theirs; "$@" 0>&1 >&2; } | { sleep 1; cat; }';
    const { stdout } = await cli.run(SET, { through: ["sh", "-c", script, "sh"] });
    expect(stdout).toBe("theirs");
  });

  test("a signal ends the wait for a pipe, and nothing is changed", async () => {
    const cli = prepared();
    const before = cli.read("sealed.json");
    execFileSync("mkfifo", [cli.path("pipe")]);
    // Open for writing as well: it never ends.
    const pipe = openSync(cli.path("pipe"), "r+");
    const child = spawn(process.execPath, [BINARY, ...SET, "--debug"], {
      cwd: cli.directory,
      env: cleanEnvironment(cli.home),
      stdio: [pipe, "ignore", "pipe"],
    });
    closeSync(pipe);
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = new Promise((resolve) => {
      child.once("close", (status, signal) => resolve({ status, signal }));
    });
    let talk = "";
    for await (const piece of child.stderr?.setEncoding("utf8") ?? []) {
      talk += piece;
      // The value is asked for next.
      if (talk.includes("document read")) child.kill("SIGTERM");
    }
    expect(await ended).toEqual({ status: 130, signal: null });
    expect(talk).toContain("error[INTERRUPTED]: sealed.json: interrupted; nothing was changed.");
    expect(cli.read("sealed.json")).toBe(before);
  });
});
