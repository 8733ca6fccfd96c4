import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import {
  check,
  configWith,
  directory,
  expectNothingLeaks,
  KEY,
  KEY_ID,
  OTHER_KEY,
  place,
  placeConfig,
  problemsOf,
  runServer,
  SECRET,
  sealedConfig,
  sealer,
  warningsOf,
} from "./run-server.ts";

const withKey = { env: { PROXMOX_MCP_MASTER_KEY: KEY } };

function padded(bytes: Buffer): string {
  const text = bytes.toString("base64url");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

describe("a healthy config", () => {
  test("gives one line a check, and exit 0", async () => {
    placeConfig(await sealedConfig({ logging: { level: "${LEVEL:-info}" } }));
    expect(runServer(["--test", "config.json"], withKey)).toEqual({
      status: 0,
      stderr: "",
      stdout: [
        "ok       file       config.json",
        "ok       syntax     JSON",
        "ok       variables  LEVEL",
        `ok       key        ${KEY_ID} from PROXMOX_MCP_MASTER_KEY`,
        "ok       secrets    1 opened",
        "ok       schema     complete",
        "ok       modes      as tight as they must be",
        "Healthy: the server would start.",
        "",
      ].join("\n"),
    });
  });

  test("gives a stable JSON", async () => {
    const report = check(placeConfig(await sealedConfig()));
    expect(report).toEqual({
      ok: true,
      exitStatus: 0,
      config: "config.json",
      format: "json",
      key: { from: "PROXMOX_MCP_MASTER_KEY", id: KEY_ID },
      checks: [
        ["file", "config.json"],
        ["syntax", "JSON"],
        ["variables", "none asked for"],
        ["key", `${KEY_ID} from PROXMOX_MCP_MASTER_KEY`],
        ["secrets", "1 opened"],
        ["schema", "complete"],
        ["modes", "as tight as they must be"],
      ].map(([name, summary]) => ({ name, status: "ok", summary, problems: [], warnings: [] })),
      secrets: [
        {
          location: "/auth/token_value",
          state: "bound",
          variable: null,
          opens: true,
          keyId: KEY_ID,
          sealedAt: "2026-01-31T12:00:00.000Z",
        },
      ],
    });
  });

  test("may be YAML, with several secrets", async () => {
    const token = await sealer.seal(SECRET, "/auth/token_value");
    const apiKey = await sealer.seal(SECRET, "/http/api_keys/ci");
    const text = [
      "# the node in the cellar",
      "proxmox: {host: pve.example, port: '8006', verify_ssl: \"true\"}",
      `auth:\n  user: root@pam\n  token_name: mcp\n  token_value: ${token}`,
      `http:\n  api_keys:\n    ci: "${apiKey}"\n`,
    ].join("\n");
    const report = check(placeConfig(text, "config.yaml"));
    expect(problemsOf(report)).toEqual([]);
    expect(report.secrets.map(({ opens }) => opens)).toEqual([true, true]);
  });

  test("may be named by --config, by the environment, or by both, and the flag wins", async () => {
    placeConfig(await sealedConfig(), "good.json");
    const env = { PROXMOX_MCP_MASTER_KEY: KEY, PROXMOX_MCP_CONFIG: "good.json" };
    expect(runServer(["--test"], { env }).status).toBe(0);
    env.PROXMOX_MCP_CONFIG = "missing.json";
    expect(runServer(["--test"], { env }).status).toBe(5);
    expect(runServer(["--test", "--config", "good.json"], { env }).status).toBe(0);
  });

  test("is checked by the small bundle alone, too", async () => {
    placeConfig(await sealedConfig());
    const { status, stdout } = runServer(["config.json"], {
      ...withKey,
      program: "dist/health.cjs",
    });
    expect(stdout).toContain("Healthy");
    expect(status).toBe(0);
  });

  test("needs no key where nothing is encrypted", () => {
    const report = check(placeConfig(configWith("${TOKEN}")), { env: { TOKEN: SECRET } });
    expect(problemsOf(report)).toEqual([]);
    expect(warningsOf(report)).toEqual([]);
    expect(report.secrets).toMatchObject([
      { state: "placeholder", variable: "TOKEN", opens: false },
    ]);
  });
});

describe("a config that cannot be read", () => {
  test("none is named", () => {
    const { status, stdout } = runServer(["--test"]);
    expect(stdout).toContain("error[USAGE]: no config is named");
    expect(status).toBe(2);
  });

  test("it is missing", () => {
    const { status, stdout } = runServer(["--test", "missing.json"], withKey);
    expect(stdout).toContain("Config file not found: missing.json");
    expect(stdout).toContain("The server would not start.");
    expect(status).toBe(5);
  });

  test.each<[string, string | Uint8Array, string]>([
    ["empty.json", "", "file: FILE_EMPTY"],
    ["blank.json", " \n", "file: FILE_EMPTY"],
    ["binary.json", Uint8Array.of(0x7b, 0, 1, 2), "file: FILE_NOT_TEXT"],
    ["latin1.json", Uint8Array.of(0x7b, 0x22, 0xe4, 0x22, 0x7d), "file: FILE_NOT_TEXT 1:3"],
    ["comma.json", '{\n  "proxmox": {},\n}', "syntax: SYNTAX 3:1"],
    ["cut.json", '{"auth": {', "syntax: SYNTAX 1:11 /auth"],
    ["twice.json", '{"auth": {},\n "auth": {}}', "syntax: DUPLICATE_FIELD 2:2 /auth"],
    ["indent.yaml", "proxmox:\n  host: a\n port: 1\n", "syntax: SYNTAX 3:1"],
    ["two.yaml", "a: 1\n---\nb: 2\n", "syntax: AMBIGUOUS 2:1"],
    ["config.env", "MCPO_API_KEY=x\n", "schema: SCHEMA 1:1"],
  ])("%s is refused with its place", (name, content, expected) => {
    const report = check(place(name, content));
    expect(problemsOf(report)).toEqual([expected]);
    expect(report.exitStatus).toBe(5);
  });

  test("it is a directory", () => {
    expect(problemsOf(check("."))).toEqual(["file: FILE_NOT_REGULAR"]);
  });
});

describe("variables", () => {
  test("every missing one is named, with the author's message", () => {
    const config = configWith("${TOKEN:?ask the operator}", { proxmox: { host: "${HOST}" } });
    const { status, stdout } = runServer(["--test", placeConfig(config)]);
    expect(stdout).toContain("FAILED   variables  2 problems\n");
    expect(stdout).toContain("skipped  secrets    not checked\n");
    expect(stdout).toContain("config.json:3:13 /proxmox/host: the variable HOST is not set");
    expect(stdout).toContain("/auth/token_value: the variable TOKEN is not set: ask the operator");
    expect(status).toBe(5);
  });

  test("a secret that is missing beside one that opens leaves the secrets unchecked", async () => {
    const config = await sealedConfig({ servers: { lab: { password: "${LAB}" } } });
    const report = check(placeConfig(config));
    expect(problemsOf(report)).toEqual([expect.stringContaining("variables: VARIABLE_MISSING")]);
    const secrets = report.checks.find(({ name }) => name === "secrets");
    expect(secrets).toMatchObject({ status: "skipped", summary: "not checked" });
  });

  test.each(["PROXMOX_MCP_MASTER_KEY", "CREDENTIALS_DIRECTORY", "TEAM_KEY"])(
    "%s never gets into a config",
    async (name) => {
      const file = placeConfig(await sealedConfig({ proxmox: { host: `\${${name}}.example` } }));
      const env = { TEAM_KEY: KEY, CREDENTIALS_DIRECTORY: "/nowhere" };
      const report = check(file, { env, args: ["--key-env", "TEAM_KEY"] });
      expect(problemsOf(report)).toEqual(["variables: VARIABLE_FORBIDDEN 3:13 /proxmox/host"]);
    },
  );
});

describe("keys", () => {
  test("none", async () => {
    const report = check(placeConfig(await sealedConfig()), { env: {} });
    expect(problemsOf(report)).toEqual(["key: KEY_MISSING"]);
    expect(report.exitStatus).toBe(3);
  });

  test.each([
    ["", "KEY_EMPTY"],
    [`"${"A".repeat(43)}="`, "KEY_INVALID"],
    ["c2hvcnQta2V5", "KEY_INVALID"],
  ])("an unusable one: %j", async (text, code) => {
    const report = check(placeConfig(await sealedConfig()), {
      env: { PROXMOX_MCP_MASTER_KEY: text },
    });
    expect(problemsOf(report)).toEqual([expect.stringContaining(`key: ${code}`)]);
    expect(report.exitStatus).toBe(3);
  });

  test("one of another length is named by the file that holds it", async () => {
    place("short.key", "c2hvcnQta2V5");
    const report = check(placeConfig(await sealedConfig()), { args: ["--key-file", "short.key"] });
    const problems = report.checks.flatMap((found) => found.problems);
    expect(problems).toMatchObject([
      {
        code: "KEY_INVALID",
        message: expect.stringMatching(/^--key-file short\.key: the master key is 9 bytes long/),
        file: "short.key",
        hint: expect.stringContaining("put the whole key back if it was cut off"),
      },
    ]);
  });

  test("an unusable one is told even where the config cannot be read", () => {
    const report = check("missing.json", { env: { PROXMOX_MCP_MASTER_KEY: "" } });
    expect(problemsOf(report)).toEqual(["file: FILE_NOT_FOUND", "key: KEY_EMPTY"]);
    expect(report.exitStatus).toBe(5);
  });

  test("another one than the tokens were sealed with", async () => {
    const report = check(placeConfig(await sealedConfig()), {
      env: { PROXMOX_MCP_MASTER_KEY: OTHER_KEY },
    });
    expect(problemsOf(report)).toEqual(["secrets: NO_KEY_OPENS 8:20 /auth/token_value"]);
    expect(report.exitStatus).toBe(4);
  });

  test("another one, while the right one stands in the environment", async () => {
    place("other.key", OTHER_KEY);
    const report = check(placeConfig(await sealedConfig()), { args: ["--key-file", "other.key"] });
    expect(problemsOf(report)).toEqual(["secrets: NO_KEY_OPENS 8:20 /auth/token_value"]);
    const hints = report.checks.flatMap(({ problems }) => problems.map(({ hint }) => hint));
    expect(hints).toEqual(["the key from PROXMOX_MCP_MASTER_KEY opens it: use that one"]);
  });

  test("two sources that disagree", async () => {
    place("other.key", OTHER_KEY);
    const env = { PROXMOX_MCP_MASTER_KEY: KEY, PROXMOX_MCP_MASTER_KEY_FILE: "other.key" };
    const report = check(placeConfig(await sealedConfig()), { env });
    expect(problemsOf(report)).toEqual(["key: KEY_CONFLICT"]);
  });

  test("a file that is not there", async () => {
    const report = check(placeConfig(await sealedConfig()), { args: ["--key-file", "no.key"] });
    expect(problemsOf(report)).toEqual(["key: KEY_UNREADABLE"]);
  });

  test("a retired one still opens, beside a retired short one", async () => {
    place("keys", `${OTHER_KEY}\n${KEY}\nc2hvcnQta2V5\n`);
    const report = check(placeConfig(await sealedConfig()), { args: ["--key-file", "keys"] });
    expect(problemsOf(report)).toEqual([]);
    expect(report.secrets).toMatchObject([{ opens: true, keyId: KEY_ID }]);
  });

  test("a passphrase of 32 characters is a warning", () => {
    const text = Buffer.from("an example passphrase, 32 chars.").toString("base64url");
    const env = { PROXMOX_MCP_MASTER_KEY: `${text}=`, TOKEN: SECRET };
    const report = check(placeConfig(configWith("${TOKEN}")), { env });
    expect(warningsOf(report)).toEqual(["key: WEAK_KEY"]);
    const warnings = report.checks.flatMap((found) => found.warnings);
    expect(warnings).toMatchObject([
      {
        message: expect.stringMatching(/^the master key in PROXMOX_MCP_MASTER_KEY is printable/),
        hint: expect.stringMatching(/rotate-key/),
      },
    ]);
  });

  test("no child process gets one", async () => {
    const script = [
      'const { appendFileSync, readFileSync } = require("node:fs");',
      'appendFileSync("child.env", JSON.stringify(process.env) + process.argv.join());',
      'process.stdout.write(readFileSync("right.key"));',
    ].join("\n");
    place("print-key.cjs", script);
    place("right.key", KEY);
    const env = {
      PROXMOX_MCP_MASTER_KEY: KEY,
      PROXMOX_MCP_MASTER_KEY_COMMAND: `'${process.execPath}' print-key.cjs`,
    };
    expect(problemsOf(check(placeConfig(await sealedConfig()), { env }))).toEqual([]);
    const seen = readFileSync(join(directory, "child.env"), "utf8");
    expect(seen).toContain("print-key.cjs");
    expectNothingLeaks(seen);
  });
});

describe("tokens", () => {
  test("a corrupted one", async () => {
    const token = await sealer.seal(SECRET, "/auth/token_value");
    const [prefix, salt, body = ""] = token.split(":");
    const fernet = Buffer.from(Buffer.from(body, "base64url").toString("latin1"), "base64url");
    fernet.writeUInt8(fernet.readUInt8(30) ^ 1, 30);
    const corrupted = `${prefix}:${salt}:${padded(Buffer.from(padded(fernet)))}`;
    const report = check(placeConfig(configWith(corrupted)));
    expect(problemsOf(report)).toEqual(["secrets: NO_KEY_OPENS 8:20 /auth/token_value"]);
    expect(report.exitStatus).toBe(4);
  });

  test.each(["enc:", "ENC:x", " enc:abc", "enc:a:b:c", "enc:****"])("%j is malformed", (token) => {
    const report = check(placeConfig(configWith(token)));
    expect(problemsOf(report)).toEqual(["secrets: TOKEN_MALFORMED 8:20 /auth/token_value"]);
    expect(report.exitStatus).toBe(6);
  });

  test("a moved one is told where it belongs", async () => {
    const token = await sealer.seal(SECRET, "/servers/b/password");
    const config = configWith(token, { servers: { b: { password: token } } });
    const { status, stdout } = runServer(["--test", placeConfig(config)], withKey);
    expect(stdout).toContain(
      "error[TOKEN_MISPLACED]: config.json:8:20 /auth/token_value: Token decryption failed: " +
        "sealed for /servers/b/password, found at /auth/token_value",
    );
    expect(status).toBe(6);
  });

  test("without a bound one where bound ones are required", async () => {
    const plain = placeConfig(configWith(SECRET), "plain.json");
    const sealed = placeConfig(await sealedConfig(), "sealed.json");
    const env = { PROXMOX_MCP_MASTER_KEY: KEY, PROXMOX_MCP_REQUIRE_BOUND: "true" };
    const report = check(plain, { env });
    expect(problemsOf(report)).toEqual(["secrets: TOKEN_NOT_BOUND 8:20 /auth/token_value"]);
    expect(report.exitStatus).toBe(6);
    expect(check(sealed, { env }).ok).toBe(true);
    expect(check(plain, { env: { PROXMOX_MCP_REQUIRE_BOUND: "false" } }).ok).toBe(true);
  });

  test("a mistyped protection is not taken for none", () => {
    const env = { PROXMOX_MCP_REQUIRE_BOUND: "ture" };
    const { status, stderr } = runServer(["--test", placeConfig(configWith(SECRET))], { env });
    expect(stderr).toContain("PROXMOX_MCP_REQUIRE_BOUND is neither true nor false");
    expect(status).toBe(2);
  });
});

describe("the schema", () => {
  test("all problems at once, in the order of the checks, and the first gives the status", () => {
    const config = {
      proxmox: { host: "", port: "eighty", verify_sll: false },
      auth: { user: "${USER_MISSING}", token_value: "enc:broken" },
      logging: { level: "LOUD" },
    };
    const report = check(placeConfig(config));
    expect(problemsOf(report)).toEqual([
      "variables: VARIABLE_MISSING 8:13 /auth/user",
      "secrets: TOKEN_MALFORMED 9:20 /auth/token_value",
      "schema: SCHEMA 3:13 /proxmox/host",
      "schema: SCHEMA 4:13 /proxmox/port",
      "schema: SCHEMA 7:11 /auth/token_name",
      "schema: SCHEMA 12:14 /logging/level",
    ]);
    expect(report.exitStatus).toBe(5);
    for (const { problems } of report.checks) {
      for (const { file, hint } of problems) {
        expect(file).toBe("config.json");
        expect(hint).toBeTruthy();
      }
    }
  });

  test.each([
    [
      "host",
      "https://pve.example",
      "Way out: write the host alone, without https://, port or path",
    ],
    ["host", "pve.example:8006", "Way out: write the host alone"],
    ["user", "root", "Way out: write user@realm, as in root@pam"],
    ["token_name", "root@pam!mcp", "Way out: write the name alone"],
  ])("a %s that cannot work is not healthy: %s", (name, value, remedy) => {
    const auth = { user: "root@pam", token_name: "mcp", token_value: "${TOKEN}", [name]: value };
    const changed = name === "host" ? { proxmox: { host: value } } : { auth };
    const { status, stdout } = runServer(["--test", placeConfig(configWith("${TOKEN}", changed))], {
      env: { TOKEN: SECRET },
    });
    expect(stdout).toContain(remedy);
    expect(status).toBe(5);
  });

  test("an unknown key is a warning that says what was meant", () => {
    const file = placeConfig(configWith("${TOKEN}", { loging: {} }));
    const { status, stdout } = runServer(["--test", file], { env: { TOKEN: SECRET } });
    expect(stdout).toContain(
      "warning[UNKNOWN_KEY]: config.json:10:13 /loging: the key loging is unknown and ignored (did you mean logging?)",
    );
    expect(stdout).toContain("warning  schema     complete, with unknown keys\n");
    expect(status).toBe(0);
  });

  test("control characters in names do not reach the terminal", () => {
    const file = placeConfig(configWith("${TOKEN}", { "\u001b[2J\u202e": {} }));
    const { stdout } = runServer(["--test", file], { env: { TOKEN: SECRET } });
    expect(stdout).toContain("is unknown and ignored");
    expect(stdout).not.toContain("\u001b");
  });
});

describe.skipIf(process.platform === "win32")("modes", () => {
  test("a config with a plain secret must not be open to others", () => {
    const text = JSON.stringify(configWith(SECRET));
    const loose = check(place("loose.json", text, 0o644));
    expect(warningsOf(loose)).toEqual(["secrets: PLAIN_SECRET", "modes: LOOSE_MODE"]);
    expect(loose.checks.at(-1)).toMatchObject({
      name: "modes",
      summary: "looser than they must be",
    });
    expect(loose.exitStatus).toBe(0);
    expect(warningsOf(check(place("tight.json", text, 0o600)))).toEqual(["secrets: PLAIN_SECRET"]);
  });

  test("a config with tokens may be", async () => {
    const report = check(place("sealed.json", JSON.stringify(await sealedConfig()), 0o644));
    expect(warningsOf(report)).toEqual([]);
  });

  test("a key file must not be", async () => {
    place("loose.key", KEY, 0o644);
    const file = placeConfig(await sealedConfig());
    const report = check(file, { env: {}, args: ["--key-file", "loose.key"] });
    expect(warningsOf(report)).toEqual(["modes: LOOSE_MODE"]);
    expect(report.exitStatus).toBe(0);
  });
});

describe("the CA file", () => {
  test.each([
    ["is missing", undefined, "FILE_NOT_FOUND"],
    ["holds no certificate", "certificate", "SCHEMA"],
    [
      "holds a broken certificate",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "SCHEMA",
    ],
  ])("that %s is found without asking the host", async (_, text, code) => {
    if (text !== undefined) place("ca.pem", text);
    const name = text === undefined ? "missing.pem" : "ca.pem";
    const proxmox = { host: "pve.example", ca_file: name };
    const file = placeConfig(await sealedConfig({ proxmox }));
    const report = check(file);
    expect(problemsOf(report)).toEqual([`schema: ${code} 4:16 /proxmox/ca_file`]);
    expect(report.exitStatus).toBe(5);
  });

  test("that is missing is not called a config", async () => {
    const proxmox = { host: "pve.example", ca_file: "missing.pem" };
    const { checks } = check(placeConfig(await sealedConfig({ proxmox })));
    const [problem] = checks.flatMap(({ problems }) => problems);
    expect(problem?.message).toBe(`there is no CA file ${join(directory, "missing.pem")}`);
  });

  test("is found beside the config, wherever the check was started", () => {
    const [certificate] = rootCertificates;
    mkdirSync(join(directory, "elsewhere"));
    place("elsewhere/authority.pem", `# a comment\n${certificate}\n`);
    const proxmox = { host: "pve.example", ca_file: "authority.pem" };
    const path = placeConfig({ ...configWith("${TOKEN}"), proxmox }, "elsewhere/config.json");
    expect(problemsOf(check(path, { env: { TOKEN: SECRET } }))).toEqual([]);
  });
});

describe("output", () => {
  test("--debug logs to stderr as JSON lines, and leaves stdout alone", async () => {
    const file = placeConfig(await sealedConfig());
    const quiet = runServer(["--test", file], withKey);
    const flag = runServer(["--test", "--debug", file], withKey);
    const variable = runServer(["--test", file], {
      env: { PROXMOX_MCP_MASTER_KEY: KEY, PROXMOX_MCP_DEBUG: "true" },
    });
    for (const { status, stdout, stderr } of [flag, variable]) {
      expect(stdout).toBe(quiet.stdout);
      expect(JSON.parse(stderr)).toMatchObject({ msg: "config checked", secrets: 1, failed: [] });
      expect(status).toBe(0);
    }
  });

  test.skipIf(!existsSync("/dev/full"))(
    "a report that cannot be written is no success",
    async () => {
      const full = openSync("/dev/full", "w");
      try {
        const file = placeConfig(await sealedConfig());
        const { status, stderr } = runServer(["--test", file], { ...withKey, stdout: full });
        expect(stderr).toContain("error[WRITE_FAILED]: stdout is closed or full");
        expect(status).toBe(8);
      } finally {
        closeSync(full);
      }
    },
  );
});
