import { spawnSync } from "node:child_process";
import { openSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startHost } from "../proxmox/host.ts";
import { configWith, expectNothingLeaks, KEY, runServer, SECRET } from "../run-server.ts";
import { scratch } from "../scratch.ts";
import { startNodesHost } from "./nodes-host.ts";
import { configFor, type Serving, startServing } from "./serving.ts";

/** Starts the server with a script that runs before it, as a package gone wrong would. */
async function serveWith(
  script: string,
  args: readonly string[] = [],
  leaky = false,
): Promise<Serving> {
  const cwd = scratch();
  writeFileSync(join(cwd, "config.json"), await configFor(await startNodesHost("first")));
  writeFileSync(join(cwd, "gone-wrong.cjs"), `process.on("SIGUSR2", () => { ${script} });`);
  return await startServing([...args, "config.json"], {
    cwd,
    leaky,
    env: {
      PROXMOX_MCP_MASTER_KEY: KEY,
      NODE_OPTIONS: `--require ${JSON.stringify(join(cwd, "gone-wrong.cjs"))}`,
    },
  });
}

// `startServing` asserts for every test that stdout holds protocol lines and nothing else, and that
// neither key nor secret leaves the process.
describe("stdout", () => {
  test("stays the protocol's while everything is logged and calls fail", async () => {
    const host = await startHost((_, response) =>
      response.writeHead(500, `failed with ${SECRET}`).end(`<html>${SECRET}</html>`),
    );
    const cwd = scratch();
    writeFileSync(
      join(cwd, "config.json"),
      await configFor(host, { proxmox: { prot: 1 }, logging: { level: "DEBUG" } }),
    );
    const server = await startServing(["--debug", "config.json"], { cwd });
    await server.call("get_nodes");
    await server.request("tools/call", { name: "no_such_tool", arguments: {} });
    await server.request("no/such/method");
    server.process.stdin.write("no JSON\n");
    writeFileSync(join(cwd, "config.json"), SECRET);
    await server.logged("not taken");
    expect((await server.request("ping")).result).toEqual({});
  });

  test("is not reached by a package that prints", async () => {
    const server = await serveWith('console.log("chatter"); console.info("chatter")');
    server.process.kill("SIGUSR2");
    expect((await server.request("ping")).result).toEqual({});
    server.process.stdin.end();
    await server.ended;
    expect(server.stderr().match(/^chatter$/gm)).toHaveLength(2);
  });
});

describe("a failure that nobody expected", () => {
  test.each([
    ["an exception", "throw new Error(SECRET)"],
    ["a rejection", "Promise.reject(new Error(SECRET))"],
  ])("ends with 1 and one line without secret and stack: %s", async (_, script) => {
    const server = await serveWith(script.replace("SECRET", JSON.stringify(SECRET)));
    server.process.kill("SIGUSR2");
    expect(await server.ended).toBe(1);
    const [line] = server.log().slice(-1);
    expect(line).toEqual({
      level: "fatal",
      time: expect.any(String),
      msg: "the server fails",
      error: {
        code: "UNEXPECTED",
        message: "unexpected failure (Error)",
        hint: "run it again with --debug and report what it prints",
      },
    });
  });

  test("shows its stack under --debug", async () => {
    const server = await serveWith('throw new Error("marked")', ["--debug"]);
    server.process.kill("SIGUSR2");
    expect(await server.ended).toBe(1);
    const { error } = server.log().at(-1) as unknown as { error: { stack: string[] } };
    expect(error.stack[0]).toBe("Error: marked");
    expect(error.stack[1]).toMatch(/^ {4}at .*gone-wrong/);
  });
});

describe("a config that cannot be served", () => {
  test("ends with every problem on stderr, and the status of the health check", () => {
    const cwd = scratch();
    const path = join(cwd, "config.json");
    writeFileSync(path, JSON.stringify({ proxmox: { host: "a/b", port: 0 }, auth: {} }));
    const served = runServer([path]);
    const checked = runServer(["--test", path]);
    expect(served.stdout).toBe("");
    expect(served.status).toBe(5);
    expect(checked.status).toBe(5);
    expect(served.stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^error\[SCHEMA\]: .*config\.json:1:20 \/proxmox\/host: .* Way out: /),
      expect.stringMatching(/^error\[SCHEMA\]: .* \/proxmox\/port: /),
      expect.stringMatching(/^error\[SCHEMA\]: .* \/auth\/user: /),
      expect.stringMatching(/^error\[SCHEMA\]: .* \/auth: /),
    ]);
  });

  test.each([
    ["no config is named", [], {}, 2],
    ["there is no key", ["CONFIG"], {}, 3],
    ["the key is a wrong one", ["CONFIG"], { PROXMOX_MCP_MASTER_KEY: `${"A".repeat(43)}=` }, 4],
    ["the file is missing", ["missing.json"], {}, 5],
  ])("ends with %s", (_, args, env, status) => {
    const path = join(scratch(), "config.json");
    writeFileSync(
      path,
      JSON.stringify(
        configWith(
          "enc:Z0FBQUFBQnBmZktBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT3dWNjVqM0R3OXFfSlMyZzNRaUZOMkhLOTBKWDNOZFJWVmNvU2dEVWxkcnVEWlpMU2hSaHYtRVlkU05MS1lYVnc9PQ==",
        ),
      ),
    );
    const outcome = runServer(
      args.map((arg) => (arg === "CONFIG" ? path : arg)),
      { env },
    );
    expect(outcome.stderr).toMatch(/^error\[\w+\]: .* Way out: .*\.\n$/);
    expect(outcome).toMatchObject({ status, stdout: "" });
  });
});

describe("the log", () => {
  test("begins where the config says, and a flag or a variable beats it", async () => {
    const cwd = scratch();
    const host = await startNodesHost("first");
    writeFileSync(
      join(cwd, "config.json"),
      await configFor(host, { logging: { level: "warning" } }),
    );
    const levels = async (args: string[], env: Record<string, string> = {}) => {
      const server = await startServing([...args, "config.json"], {
        cwd,
        env: { PROXMOX_MCP_MASTER_KEY: KEY, ...env },
      });
      await server.call("get_nodes");
      server.process.stdin.end();
      await server.ended;
      return new Set(server.log().map(({ level }) => level));
    };
    expect(await levels([])).toEqual(new Set());
    expect(await levels(["--debug"])).toEqual(new Set(["debug", "info"]));
    expect(await levels([], { PROXMOX_MCP_DEBUG: "true" })).toEqual(new Set(["debug", "info"]));
  });

  test("names what the config has that is worth a word", async () => {
    const cwd = scratch();
    const host = await startNodesHost("first");
    writeFileSync(
      join(cwd, "config.json"),
      await configFor(host, { proxmox: { fingerprint: undefined, verify_ssl: false, prot: 1 } }),
      { mode: 0o644 },
    );
    const server = await startServing(["config.json"], { cwd });
    expect(await server.logged("UNKNOWN_KEY")).toMatchObject({
      level: "warn",
      msg: "the key prot is unknown and ignored (did you mean port?)",
      file: "config.json",
      line: 1,
      location: "/proxmox/prot",
    });
    expect(await server.logged("verify_ssl is false")).toMatchObject({ level: "warn" });
  });

  test("goes to a file of mode 0600 too, which SIGHUP opens anew", async () => {
    const cwd = scratch();
    const file = join(cwd, "server.log");
    const host = await startNodesHost("first");
    writeFileSync(join(cwd, "config.json"), await configFor(host, { logging: { file } }));
    const server = await startServing(["config.json"], { cwd });
    await server.logged("serving over stdio");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toContain("serving over stdio");
    renameSync(file, `${file}.1`);
    server.process.kill("SIGHUP");
    await server.logged("the new config is in force");
    const [old, fresh] = [`${file}.1`, file].map((path) => readFileSync(path, "utf8"));
    expect(old).not.toContain("in force");
    expect(fresh).toContain("in force");
    expectNothingLeaks(`${old}${fresh}`);
    server.process.stdin.end();
    await server.ended;
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(
      server.log().length - (old?.trimEnd().split("\n").length ?? 0),
    );
  });

  test("is opened anew by SIGHUP whatever the config holds then", async () => {
    const cwd = scratch();
    const file = join(cwd, "server.log");
    const path = join(cwd, "config.json");
    const host = await startNodesHost("first");
    writeFileSync(path, await configFor(host, { logging: { file } }));
    const server = await startServing(["--no-watch", "config.json"], { cwd });
    renameSync(file, `${file}.1`);
    writeFileSync(path, "{");
    server.process.kill("SIGHUP");
    await server.logged("the old one stays in force");
    expect(readFileSync(file, "utf8")).toContain("the old one stays in force");
  });

  test("is appended to what the file holds", async () => {
    const cwd = scratch();
    const file = join(cwd, "server.log");
    writeFileSync(file, "before\n");
    const host = await startNodesHost("first");
    writeFileSync(join(cwd, "config.json"), await configFor(host, { logging: { file } }));
    const server = await startServing(["config.json"], { cwd });
    await server.logged("serving over stdio");
    expect(readFileSync(file, "utf8")).toMatch(/^before\n\{/);
  });

  test.each([["a directory that is not there", "missing/server.log", "WRITE_FAILED"]])(
    "does without a file that cannot be one, and says so: %s",
    async (_, file, code) => {
      const cwd = scratch();
      const host = await startNodesHost("first");
      writeFileSync(join(cwd, "config.json"), await configFor(host, { logging: { file } }));
      const server = await startServing(["config.json"], { cwd });
      expect(await server.logged(code)).toMatchObject({
        level: "error",
        error: { code, location: "/logging/file", hint: expect.any(String) },
      });
      expect(await server.call("get_nodes")).toContain("first");
    },
  );

  test("is never written into the file that stdout was sent to", async () => {
    const cwd = scratch();
    const file = join(cwd, "out");
    const host = await startNodesHost("first");
    writeFileSync(join(cwd, "config.json"), await configFor(host, { logging: { file } }));
    const path = join(cwd, "config.json");
    const { status, stderr } = runServer([path], {
      env: { PROXMOX_MCP_MASTER_KEY: KEY },
      stdout: openSync(file, "w"),
    });
    expect(stderr).toContain("FILE_NOT_REGULAR");
    expect(readFileSync(file, "utf8")).toBe("");
    expect(status).toBe(0);
  });

  const hasScript = spawnSync("script", ["--version"]).status === 0;
  test.skipIf(!hasScript)("is for people on a terminal, in colour unless NO_COLOR is set", () => {
    const binary = new URL("../../bin/proxmox-mcp-server.cjs", import.meta.url).pathname;
    const onTerminal = (env: Record<string, string>) =>
      spawnSync(
        "script",
        ["-qec", `${process.execPath} ${binary} --test-mode < /dev/null`, "/dev/null"],
        {
          env: { PATH: process.env["PATH"] ?? "", TERM: "xterm", ...env },
          encoding: "utf8",
        },
      ).stdout;
    const coloured = onTerminal({});
    const plain = onTerminal({ NO_COLOR: "1" });
    expect(coloured).toContain("\u001b[");
    expect(plain).not.toContain("\u001b[");
    expect(plain).toMatch(/^\[.*\] WARN: test mode: everything is simulated/m);
    expect(plain).not.toContain('{"level"');
  });
});
