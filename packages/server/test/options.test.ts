import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { configWith, KEY, placeConfig, runServer } from "./run-server.ts";

test.each([["--help"], ["-h"], ["--test", "--help"], ["--json", "--help"]])(
  "%s %s prints the help",
  (...args) => {
    const { status, stdout, stderr } = runServer(args.filter(Boolean));
    expect(stdout).toMatch(/^Usage: proxmox-mcp-server /);
    expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(stderr).toBe("");
    expect(status).toBe(0);
  },
);

test.each(["--version", "-V"])("%s prints the version", (flag) => {
  expect(runServer([flag])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test("the help names every option", () => {
  const { stdout } = runServer(["--help"]);
  for (const option of [
    "--test",
    "--test-mode",
    "--no-watch",
    "--key-file FILE",
    "--keyring\\[=NAME\\]",
    "--debug",
    "--transport NAME",
    "--insecure-no-auth",
  ]) {
    expect(stdout).toMatch(new RegExp(`^ .*${option} `, "m"));
  }
});

test.each([
  [["--tset"], "unknown option --tset (did you mean --test?)"],
  [["--test", "--jsn"], "unknown option --jsn (did you mean --json?)"],
  [["--test", "--keyfile", "k"], "unknown option --keyfile (did you mean --key-file?)"],
  [["-x"], "unknown option -x"],
  [["--test", "--config"], "--config wants a value"],
  [["--test", "--key-file="], "--key-file wants a value"],
  [["--test", "--keyring="], "--keyring wants a value"],
  [["--test", "--json=yes"], "--json takes no value"],
  [["--no-wacth"], "unknown option --no-wacth (did you mean --no-watch?)"],
  [["--test-mode=yes"], "--test-mode takes no value"],
  [["--transport"], "--transport wants a value"],
  [["--transport", "htpp"], "--transport wants stdio or http"],
  [["test-connection", "--transport", "http"], "--transport goes with serving or --test"],
  [["test-connection", "--insecure-no-auth"], "--insecure-no-auth goes with serving or --test"],
  [["--verbose", "--test-mode"], "--verbose goes with test-connection"],
  [["--test", "-v"], "--verbose goes with test-connection"],
  [["--test", "--no-watch"], "--no-watch goes with serving"],
  [["--test", "a.json", "b.json"], "more than one config is named"],
  [["--test", "--config", "a.json", "b.json"], "more than one config is named"],
])("%j is a usage error", (args, message) => {
  const { status, stdout, stderr } = runServer(args);
  expect(stderr).toBe(`error[USAGE]: ${message}. Way out: ${stderr.split("Way out: ")[1]}`);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});

test("a usage error is JSON where JSON was asked for", () => {
  const { status, stdout } = runServer(["--test", "--json", "--nonsense"]);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, exitStatus: 2, error: { code: "USAGE" } });
  expect(status).toBe(2);
});

test("--json goes with a report, and serving has none", () => {
  const { status, stdout } = runServer(["--json", "--test-mode"]);
  const message = "--json goes with --test or test-connection";
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "USAGE", message } });
  expect(status).toBe(2);
});

// That nothing leaks is asserted by `runServer` itself.
test.each<[string, string[], Record<string, string>]>([
  ["the path of the key file", ["c.json"], { PROXMOX_MCP_MASTER_KEY_FILE: KEY }],
  ["the key command", ["c.json"], { PROXMOX_MCP_MASTER_KEY_COMMAND: KEY }],
  ["--key-file", ["c.json", "--key-file", KEY], {}],
  ["--key-env", ["c.json", "--key-env", KEY], {}],
  ["--keyring", ["c.json", `--keyring=${KEY}`], {}],
  ["the config", [KEY], {}],
  ["PROXMOX_MCP_CONFIG", [], { PROXMOX_MCP_CONFIG: KEY }],
  ["an option", [`--${KEY}`], {}],
  ["a short option", [`-p${KEY}`], {}],
])("a key in the place of %s is not shown", (_, args, env) => {
  placeConfig(configWith("enc:"), "c.json");
  for (const more of [["--test"], ["--test", "--json"], ["--test", "--debug"], [], ["--debug"]]) {
    expect(runServer([...more, ...args], { env }).status).not.toBe(0);
  }
});

// Without a session there is no keyring: that is asked for, and the config is read.
test.each([
  [["--keyring", "c.json"], "the keyring entry master-key: "],
  [["c.json", "--keyring"], "the keyring entry master-key: "],
  [["--keyring=work", "c.json"], "the keyring entry work: "],
])("%j names the keyring and the config", (args, message) => {
  placeConfig(configWith("enc:"), "c.json");
  const { status, stdout } = runServer(["--test", ...args]);
  expect(stdout).toMatch(/^ok +file +c\.json$/m);
  expect(stdout).toContain(message);
  expect(status).not.toBe(0);
});
