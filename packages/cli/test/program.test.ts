/** What belongs to no single command: help, the Python tool's flags, colours, debug and audit logs. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Cli, createCli } from "./cli.ts";
import { BOUND, config, KEY, SECRET } from "./material.ts";
import { findProgram } from "./programs.ts";

function prepared(): Cli {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  cli.write("config.json", config());
  cli.write("sealed.json", config(BOUND.token));
  return cli;
}

describe("help", () => {
  test.each([
    [["--help"], /Start here:\n {2}proxmox-mcp-encrypt generate-key/],
    [["-h"], /The flags of the Python tool work as well/],
    [["help", "encrypt"], /Examples:\n {2}proxmox-mcp-encrypt encrypt config\.json/],
    [["encrypt", "--help"], /--rebind <old=new>/],
    [["decrypt", "--help"], /Examples:/],
    [["set", "--help"], /--generate <kind>.*"uuid",\s+"hex32",\s+"base64"/s],
    [["status", "--help"], /--max-age <duration>/],
    [["generate-key", "--help"], /never\s+overwritten/],
  ])("%j", async (argv, shown) => {
    const cli = createCli();
    const { status, stdout, stderr } = await cli.run(argv);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(shown);
  });

  test.each(["--version", "-V"])("%s", async (flag) => {
    const manifest = new URL("../package.json", import.meta.url);
    const { version } = JSON.parse(readFileSync(manifest, "utf8"));
    expect(await createCli().run([flag])).toMatchObject({
      status: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
  });
});

describe("the Python tool's flags", () => {
  test("CONFIG encrypts", async () => {
    const cli = prepared();
    expect((await cli.run(["config.json"])).status).toBe(0);
    expect(cli.read("config.encrypted.json")).not.toContain(SECRET);
  });

  test("CONFIG -o FILE encrypts to FILE", async () => {
    const cli = prepared();
    expect((await cli.run(["config.json", "-o", "out.json"])).status).toBe(0);
    expect(cli.read("out.json")).not.toContain(SECRET);
  });

  test("CONFIG --status", async () => {
    const { status, stdout } = await prepared().run(["sealed.json", "--status"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).files[0].secrets[0].state).toBe("bound");
  });

  test("--generate-key", async () => {
    const cli = createCli();
    expect((await cli.run(["--generate-key"])).status).toBe(0);
    expect(cli.mode(cli.keyFile)).toBe("600");
  });
});

describe("colours", () => {
  test("are for terminals, so no process of these tests gets any", async () => {
    const cli = prepared();
    for (const env of [{}, { FORCE_COLOR: "1" }, { NO_COLOR: "1" }]) {
      const { stdout, stderr } = await cli.run(["status", "config.json", "--table", "--check"], {
        env,
      });
      expect(stdout + stderr).not.toContain("\u001b");
    }
  });
});

describe("debug logging", () => {
  test.each([
    ["--debug", ["--debug"], {}],
    ["PROXMOX_MCP_DEBUG=true", [], { PROXMOX_MCP_DEBUG: "true" }],
  ])("by %s is JSON lines on stderr, and leaves stdout as it is", async (_, flags, env) => {
    const { status, stdout, stderr } = await prepared().run(["decrypt", "sealed.json", ...flags], {
      env,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: config() });
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toEqual(["master key found", "document read"]);
    for (const { level, time } of lines)
      expect({ level, time }).toEqual({ level: 20, time: expect.any(Number) });
  });

  test("adds the stack to an error, after its line", async () => {
    const { status, stderr } = await prepared().run(["decrypt", "absent.json", "--debug"]);
    expect(status).toBe(5);
    expect(stderr).toMatch(/^error\[FILE_NOT_FOUND\][^\n]*\n(.*\n)*\s+at /m);
  });

  test("is off for any other value", async () => {
    const env = { PROXMOX_MCP_DEBUG: "false" };
    const { stderr } = await prepared().run(["decrypt", "sealed.json"], { env });
    expect(stderr).toBe("");
  });
});

describe("the audit log", () => {
  const env = { PROXMOX_MCP_AUDIT_LOG: "audit.log" };
  const lines = (cli: Cli) =>
    cli
      .read("audit.log")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("gets a line for each operation, in a file of mode 600, and never a value", async () => {
    const cli = prepared();
    const through = ["sh", "-c", 'umask 000 && exec "$@"', "sh"];
    await cli.run(["encrypt", "config.json"], { env, through });
    await cli.run(["decrypt", "config.encrypted.json"], { env });
    await cli.run(["set", "config.encrypted.json", "/auth/token_value"], {
      env,
      input: "new example",
    });
    await cli.run(["generate-key", "-o", "key"], { env });
    await cli.run(["status", "config.json"], { env });
    expect(cli.mode("audit.log")).toBe("600");
    const id = lines(cli)[0].keyIds[0];
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(lines(cli)).toMatchObject([
      {
        operation: "encrypt",
        files: ["config.json", "config.encrypted.json"],
        keyIds: [id],
        outcome: "done",
      },
      { operation: "decrypt", files: ["config.encrypted.json"], outcome: "done" },
      { operation: "set", files: ["config.encrypted.json"], keyIds: [id], outcome: "done" },
      { operation: "generate-key", files: ["key"], outcome: "done" },
    ]);
    for (const { time, user } of lines(cli)) {
      expect(new Date(time).toISOString()).toBe(time);
      expect(user).toEqual(expect.any(String));
    }
  });

  test("gets failed operations too, with their code", async () => {
    const cli = prepared();
    await cli.run(["decrypt", "absent.json"], { env });
    await cli.run(["generate-key"], { env });
    await cli.run(["decrypt", "sealed.json", "--key-env", "NONE"], { env });
    expect(lines(cli)).toMatchObject([
      { operation: "decrypt", files: ["absent.json"], outcome: "FILE_NOT_FOUND" },
      { operation: "generate-key", outcome: "KEY_FILE_EXISTS" },
      { operation: "decrypt", files: ["sealed.json"], outcome: "KEY_MISSING" },
    ]);
  });

  test.each([
    ["encrypt", ["encrypt", "config.json"]],
    ["encrypt --in-place", ["encrypt", "config.json", "--in-place"]],
    ["decrypt", ["decrypt", "sealed.json"]],
    ["set", ["set", "sealed.json", "/auth/token_value", "--generate", "uuid"]],
    ["generate-key", ["generate-key", "-o", "key"]],
  ])("that cannot be written stops %s before anything happens", async (_, argv) => {
    const cli = prepared();
    const before = cli.snapshot();
    const { status, stdout, stderr } = await cli.run(argv, {
      env: { PROXMOX_MCP_AUDIT_LOG: "no/such/log" },
    });
    expect({ status, stdout }).toEqual({ status: 8, stdout: "" });
    expect(stderr).toMatch(/^error\[WRITE_FAILED\].*no\/such\/log.*mkdir -p no\/such/);
    expect(cli.snapshot()).toEqual(before);
  });

  test.each([
    ["a master key", "../home/.proxmox_mcp_key"],
    ["the config itself", "config.json"],
  ])("is never appended to %s", async (_, log) => {
    const cli = prepared();
    const before = cli.snapshot();
    const { status, stderr } = await cli.run(["encrypt", "config.json"], {
      env: { PROXMOX_MCP_AUDIT_LOG: log },
    });
    expect(status).toBe(8);
    expect(stderr).toMatch(/^error\[WRITE_FAILED\].*is no audit log; nothing was done/);
    expect(cli.snapshot()).toEqual(before);
  });

  const mkfifo = findProgram("mkfifo");
  test.skipIf(mkfifo === undefined)("that is a pipe without a reader stops the run", async () => {
    const cli = prepared();
    execFileSync(mkfifo ?? "", [cli.path("pipe")]);
    const before = cli.snapshot();
    const { status, stderr } = await cli.run(["encrypt", "config.json"], {
      env: { PROXMOX_MCP_AUDIT_LOG: "pipe" },
    });
    expect(status).toBe(8);
    expect(stderr).toMatch(/^error\[WRITE_FAILED\].*a pipe that nobody reads.*nothing was done/);
    expect(cli.snapshot()).toEqual(before);
  });
});
