import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Resolution, type ResolveOptions, resolveConfig } from "../../src/config/resolve.ts";
import type { SecretText } from "../../src/config/secret-text.ts";
import { openDocument } from "../../src/document/open.ts";
import { ProxmoxMcpError } from "../../src/errors.ts";
import { parseKeyText } from "../../src/key/key-text.ts";
import { generateMasterKey } from "../../src/key/master-key.ts";
import { createOpener, createSealer } from "../../src/secret.ts";
import { openJson } from "./open-json.ts";

const key = generateMasterKey(randomBytes);
const keys = parseKeyText(key.reveal());
const opener = createOpener({ keys });
const now = () => new Date("2026-01-31T12:00:00Z");
const sealer = createSealer({ key, random: randomBytes, now });
const unboundSealer = createSealer({ key, random: randomBytes, now, bound: false });
const noKey = new ProxmoxMcpError("KEY_MISSING", "there is no master key");

const SECRET = "11111111-2222-4333-8444-555555555555";
const AUTH = { user: "root@pam", token_name: "mcp", token_value: SECRET };
const PROXMOX = { host: "pve.example" };
const FINGERPRINT = Array(32).fill("0c").join(":");

async function resolve(
  config: unknown,
  options: Partial<ResolveOptions> = {},
): Promise<Resolution> {
  const document = await openJson(config);
  return await resolveConfig({ document, file: "config.json", env: {}, opener, ...options });
}

/** `CODE location` of every problem, in their order. */
async function problemsOf(
  config: unknown,
  options: Partial<ResolveOptions> = {},
): Promise<readonly string[]> {
  const { problems, config: resolved } = await resolve(config, options);
  expect(resolved === undefined).toBe(problems.length > 0);
  return problems.map(({ code, where }) => `${code} ${where.location}`);
}

describe("a good config", () => {
  test("is opened, filled with defaults and frozen throughout", async () => {
    const token = await sealer.seal(` ${SECRET}\n`, "/auth/token_value");
    const { config, problems, warnings, secrets } = await resolve({
      proxmox: PROXMOX,
      auth: { ...AUTH, token_value: token },
    });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      proxmox: { host: "pve.example", port: 8006, verify_ssl: true, service: "PVE" },
      auth: { user: "root@pam", token_name: "mcp" },
      logging: { level: "INFO", file: null },
    });
    expect(config?.auth.token_value?.reveal()).toBe(SECRET);
    expect(JSON.stringify(config)).not.toContain(SECRET);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config?.proxmox)).toBe(true);
    expect(secrets).toEqual([
      {
        location: "/auth/token_value",
        state: "bound",
        opened: true,
        keyId: key.id,
        sealedAt: now(),
      },
    ]);
  });

  test("may hold strings for numbers, booleans and words", async () => {
    const { config } = await resolve(
      {
        proxmox: { host: "${HOST}", port: "${PORT:-8443}", verify_ssl: "False" },
        auth: AUTH,
        logging: { level: "debug" },
      },
      { env: { HOST: "a.example" } },
    );
    expect(config?.proxmox).toMatchObject({ host: "a.example", port: 8443, verify_ssl: false });
    expect(config?.logging.level).toBe("DEBUG");
  });

  test("opens secrets in every section", async () => {
    const { config } = await resolve({
      proxmox: { ...PROXMOX, password: await sealer.seal("p w ", "/proxmox/password") },
      auth: AUTH,
      servers: { __proto__: null, b: { token_secret: await unboundSealer.seal("s", "/x"), x: 1 } },
      http: { api_keys: { ci: await sealer.seal("k", "/http/api_keys/ci") } },
    });
    expect(config?.proxmox.password?.reveal()).toBe("p w ");
    expect(config?.servers?.["b"]?.token_secret?.reveal()).toBe("s");
    expect(config?.servers?.["b"]?.["x"]).toBe(1);
    expect(config?.http?.api_keys?.["ci"]?.reveal()).toBe("k");
  });

  test.each([
    [{}, { timeout: 30_000, retry_attempts: 3 }],
    [
      { timeout: 6000, retry_attempts: 0 },
      { timeout: 6000, retry_attempts: 0 },
    ],
    [{ timeout: "${T:-45000}" }, { timeout: 45_000 }],
    [{ ca_file: "/etc/ssl/pve.pem" }, { ca_file: "/etc/ssl/pve.pem" }],
    [{ fingerprint: "aB".repeat(32) }, { fingerprint: "aB".repeat(32) }],
    [{ fingerprint: FINGERPRINT }, { fingerprint: FINGERPRINT }],
  ])("may say how the host is reached: %j", async (given, expected) => {
    const { config, problems, warnings } = await resolve({
      proxmox: { ...PROXMOX, ...given },
      auth: { ...AUTH, token_value: await sealer.seal(SECRET, "/auth/token_value") },
    });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(config?.proxmox).toMatchObject(expected);
  });

  test("may allow commands, with variables in the list", async () => {
    const { config, problems } = await resolve(
      {
        proxmox: PROXMOX,
        auth: AUTH,
        policy: { exec: { allow: ["uptime", "systemctl status ${UNIT}"], shell: "${SHELL_ON}" } },
      },
      { env: { UNIT: "nginx", SHELL_ON: "false" } },
    );
    expect(problems).toEqual([]);
    expect(config?.policy.exec).toEqual({
      allow: ["uptime", "systemctl status nginx"],
      shell: false,
      timeout: 30,
      max_output: 65_536,
    });
    expect(Object.isFrozen(config?.policy.exec?.allow)).toBe(true);
  });

  test("allows reading and no command where nothing is said of it", async () => {
    const { config } = await resolve({ proxmox: PROXMOX, auth: AUTH });
    expect(config?.policy).toEqual({ mode: "read-only", allow: [], deny: [], keys: {} });
  });

  test.each([
    [{ user: "root@pam", password: "p w" }, {}],
    [{ user: "root@pam" }, { password: "p w" }],
  ])("may have a password in the place of a token: %j %j", async (auth, more) => {
    const { config, problems } = await resolve({ proxmox: { ...PROXMOX, ...more }, auth });
    expect(problems).toEqual([]);
    expect((config?.auth.password ?? config?.proxmox.password)?.reveal()).toBe("p w");
    expect(config?.auth.token_value).toBeUndefined();
  });

  test("may be YAML", async () => {
    const text = [
      "proxmox:",
      "  host: pve.example # a comment",
      "  port: 8443",
      "  verify_ssl: false",
      "auth: {user: root@pam, token_name: mcp, token_value: 'plain'}",
      "logging:",
      "  file: ~",
    ].join("\n");
    const document = await openDocument(text, { format: "yaml" });
    const { config, problems } = await resolveConfig({ document, env: {}, opener });
    expect(problems).toEqual([]);
    expect(config?.proxmox).toMatchObject({ port: 8443, verify_ssl: false });
  });

  test.each(["pve", "pve-1.example.com", "my_node", "192.168.1.100", "::1", "[fe80::1%eth0]"])(
    "may name the host %s",
    async (host) => {
      expect(await problemsOf({ proxmox: { host }, auth: AUTH })).toEqual([]);
    },
  );

  test.each(["root@pam", "jürgen@pve", "joe@corp.example@ad", "o'neil+x@my-realm"])(
    "may name the user %s",
    async (user) => {
      expect(await problemsOf({ proxmox: PROXMOX, auth: { ...AUTH, user } })).toEqual([]);
    },
  );

  test("may have a token with a line break around it, as files of secrets end with one", async () => {
    for (const text of [`${SECRET}\n`, await sealer.seal(`${SECRET}\n`, "/auth/token_value")]) {
      const { config } = await resolve({ proxmox: PROXMOX, auth: { ...AUTH, token_value: text } });
      expect(config?.auth.token_value?.reveal()).toBe(SECRET);
    }
  });

  test("keeps keys such as __proto__ harmless", async () => {
    const text = `{"proxmox":{"host":"a"},"auth":${JSON.stringify(AUTH)},"servers":{"__proto__":{"password":"x","port":1}}}`;
    const document = await openDocument(text, { format: "json" });
    const { config } = await resolveConfig({ document, env: {}, opener });
    const entry = Object.getOwnPropertyDescriptor(config?.servers, "__proto__")?.value;
    expect((entry.password as SecretText).reveal()).toBe("x");
    expect(Object.getPrototypeOf(config?.servers)).toBe(Object.prototype);
    expect(Reflect.get({}, "port")).toBeUndefined();
  });
});

describe("variables and tokens", () => {
  const config = { proxmox: PROXMOX, auth: { ...AUTH, token_value: "${TOKEN}" } };

  test("a plain secret may come from a variable, without a warning", async () => {
    const {
      config: resolved,
      warnings,
      secrets,
    } = await resolve(config, {
      env: { TOKEN: `${SECRET}\n` },
    });
    expect(resolved?.auth.token_value?.reveal()).toBe(SECRET);
    expect(warnings).toEqual([]);
    expect(secrets).toMatchObject([{ state: "placeholder", variable: "TOKEN", opened: false }]);
  });

  test.each(["env:TOKEN", "/auth/token_value"])(
    "a token from a variable may be sealed for %s",
    async (location) => {
      const env = { TOKEN: await sealer.seal(SECRET, location) };
      expect((await resolve(config, { env })).config?.auth.token_value?.reveal()).toBe(SECRET);
    },
  );

  test("a token from a variable that was sealed elsewhere is refused", async () => {
    const env = { TOKEN: await sealer.seal(SECRET, "env:OTHER") };
    expect(await problemsOf(config, { env })).toEqual(["TOKEN_MISPLACED /auth/token_value"]);
  });

  test("a token may be a default, bound to its field alone", async () => {
    const withDefault = async (location: string) => ({
      proxmox: PROXMOX,
      auth: { ...AUTH, token_value: `\${TOKEN:-${await sealer.seal(SECRET, location)}}` },
    });
    expect(await problemsOf(await withDefault("/auth/token_value"))).toEqual([]);
    expect(await problemsOf(await withDefault("env:TOKEN"))).toEqual([
      "TOKEN_MISPLACED /auth/token_value",
    ]);
  });

  test.each(["enc:${TOKEN}", "${A}${TOKEN}", "${EMPTY}enc:x", "${E}nc:x"])(
    "%s must not put a token together",
    async (token_value) => {
      const env = { A: "enc:", TOKEN: "x", EMPTY: "", E: "e" };
      const problems = await problemsOf(
        { proxmox: PROXMOX, auth: { ...AUTH, token_value } },
        { env },
      );
      expect(problems).toEqual(["PLACEHOLDER /auth/token_value"]);
    },
  );

  test("a decrypted text is never expanded", async () => {
    const token_value = await sealer.seal("${HOME}", "/auth/token_value");
    const { config: resolved } = await resolve(
      { proxmox: PROXMOX, auth: { ...AUTH, token_value } },
      { env: { HOME: "/home/operator" } },
    );
    expect(resolved?.auth.token_value?.reveal()).toBe("${HOME}");
  });

  test("no config gets at the master key", async () => {
    const env = { PROXMOX_MCP_MASTER_KEY: key.reveal(), TEAM_KEY: key.reveal() };
    const problems = await problemsOf(
      {
        proxmox: { host: "${PROXMOX_MCP_MASTER_KEY}.example" },
        auth: { ...AUTH, user: "${TEAM_KEY}" },
        unknown: ["${CREDENTIALS_DIRECTORY:-x}"],
      },
      { env, keyVariables: ["TEAM_KEY"] },
    );
    expect(problems).toEqual([
      "VARIABLE_FORBIDDEN /proxmox/host",
      "VARIABLE_FORBIDDEN /auth/user",
      "VARIABLE_FORBIDDEN /unknown/0",
    ]);
  });
});

describe("a bad config", () => {
  test("gives every problem at once, in the order of the file, each with its place", async () => {
    const { problems } = await resolve(
      {
        proxmox: { host: "${HOST:?name the node}", port: "eighty", verify_ssl: "maybe" },
        auth: { user: "", token_name: 7, token_value: "enc:broken" },
        logging: { level: "LOUD", file: false },
        servers: { a: { password: "${A}" } },
      },
      {},
    );
    const found = problems.map(({ code, where, message }) => {
      const { file, line, column, location } = where;
      return `${file}:${line}:${column} ${location} ${code} ${message}`;
    });
    expect(found).toEqual([
      "config.json:3:13 /proxmox/host VARIABLE_MISSING the variable HOST is not set: name the node",
      "config.json:4:13 /proxmox/port SCHEMA the value must be a whole number from 1 to 65535",
      "config.json:5:19 /proxmox/verify_ssl SCHEMA the value must be true or false",
      "config.json:8:13 /auth/user SCHEMA the value must be a user with realm",
      "config.json:9:19 /auth/token_name SCHEMA the value must be the name of an API token",
      expect.stringContaining("config.json:10:20 /auth/token_value TOKEN_MALFORMED "),
      "config.json:13:14 /logging/level SCHEMA the value must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
      "config.json:14:13 /logging/file SCHEMA the value must be text or null",
      "config.json:18:19 /servers/a/password VARIABLE_MISSING the variable A is not set",
    ]);
    for (const { hint } of problems) expect(hint).toBeTruthy();
  });

  test("a variable that is missing is no violation of the schema, too", async () => {
    const config = { proxmox: { host: "a", port: "${PORT}" }, auth: AUTH };
    expect(await problemsOf(config)).toEqual(["VARIABLE_MISSING /proxmox/port"]);
  });

  test("names the variable that a wrong value came from, and not the value", async () => {
    const { problems } = await resolve(
      { proxmox: { host: "a", port: "${PORT}" }, auth: AUTH },
      { env: { PORT: "marked" } },
    );
    expect(problems[0]?.message).toBe(
      "the value (from PORT) must be a whole number from 1 to 65535",
    );
  });

  test.each([
    [{}, ["SCHEMA /proxmox", "SCHEMA /auth"]],
    [[], ["SCHEMA "]],
    ["text", ["SCHEMA "]],
    [{ proxmox: [], auth: null }, ["SCHEMA /proxmox", "SCHEMA /auth"]],
    [{ proxmox: {}, auth: {} }, ["SCHEMA /proxmox/host", "SCHEMA /auth/user", "SCHEMA /auth"]],
    [{ proxmox: { host: "a", port: 0 }, auth: AUTH }, ["SCHEMA /proxmox/port"]],
    [{ proxmox: { host: "a", port: 1.5 }, auth: AUTH }, ["SCHEMA /proxmox/port"]],
    [{ proxmox: { host: "a", port: null }, auth: AUTH }, ["SCHEMA /proxmox/port"]],
    [{ proxmox: { host: "a", port: true }, auth: AUTH }, ["SCHEMA /proxmox/port"]],
    [{ proxmox: { host: "a", verify_ssl: 0 }, auth: AUTH }, ["SCHEMA /proxmox/verify_ssl"]],
    [
      { proxmox: PROXMOX, auth: { ...AUTH, token_value: 5 } },
      ["SECRET_NOT_STRING /auth/token_value"],
    ],
    [{ proxmox: PROXMOX, auth: { ...AUTH, token_value: "" } }, ["SCHEMA /auth/token_value"]],
    [{ proxmox: PROXMOX, auth: { ...AUTH, token_value: " \n" } }, ["SCHEMA /auth/token_value"]],
    [{ proxmox: PROXMOX, auth: AUTH, http: { api_keys: ["a"] } }, ["SCHEMA /http/api_keys"]],
    [{ proxmox: { host: "a", ca_file: " " }, auth: AUTH }, ["SCHEMA /proxmox/ca_file"]],
    [{ proxmox: { host: "a", timeout: 5999 }, auth: AUTH }, ["SCHEMA /proxmox/timeout"]],
    [
      { proxmox: { host: "a", retry_attempts: 11 }, auth: AUTH },
      ["SCHEMA /proxmox/retry_attempts"],
    ],
    [{ proxmox: PROXMOX, auth: AUTH, policy: [] }, ["SCHEMA /policy"]],
    [{ proxmox: PROXMOX, auth: AUTH, policy: { exec: {} } }, ["SCHEMA /policy/exec/allow"]],
    [
      {
        proxmox: PROXMOX,
        auth: AUTH,
        policy: { exec: { allow: "ls", shell: "perhaps", timeout: 0, max_output: 1023 } },
      },
      [
        "SCHEMA /policy/exec/allow",
        "SCHEMA /policy/exec/shell",
        "SCHEMA /policy/exec/timeout",
        "SCHEMA /policy/exec/max_output",
      ],
    ],
    [
      { proxmox: PROXMOX, auth: AUTH, policy: { exec: { allow: ["ls", " ", 5] } } },
      ["SCHEMA /policy/exec/allow/1", "SCHEMA /policy/exec/allow/2"],
    ],
  ])("%j is refused", async (config, expected) => {
    expect(await problemsOf(config)).toEqual(expected);
  });

  test.each([
    "https://pve.example",
    "pve.example:8006",
    "pve.example/api2",
    "pve example",
    "pve.example\n",
    "[::1]:8006",
    "root@pve.example",
  ])("a host that nobody can reach is refused: %j", async (host) => {
    const { problems } = await resolve({ proxmox: { host }, auth: AUTH }, {});
    expect(problems).toMatchObject([
      {
        code: "SCHEMA",
        message: "the value must be a host name or an IP address",
        hint: "write the host alone, without https://, port or path",
        where: { location: "/proxmox/host" },
      },
    ]);
  });

  test.each([
    [{ user: "root" }, "/auth/user", /^write user@realm/],
    [{ user: "root@pam!mcp" }, "/auth/user", /^write user@realm/],
    [{ user: "ro ot@pam" }, "/auth/user", /^write user@realm/],
    [{ user: "root@pam\r\nX: y" }, "/auth/user", /^write user@realm/],
    [{ token_name: "root@pam!mcp" }, "/auth/token_name", /^write the name alone/],
    [{ token_name: "mcp=secret" }, "/auth/token_name", /^write the name alone/],
    [{ token_name: "m cp" }, "/auth/token_name", /^write the name alone/],
  ])("an account that Proxmox cannot know is refused: %j", async (changed, location, hint) => {
    const { problems } = await resolve({ proxmox: PROXMOX, auth: { ...AUTH, ...changed } }, {});
    expect(problems).toMatchObject([
      { code: "SCHEMA", where: { location }, hint: expect.stringMatching(hint) },
    ]);
  });

  test.each(["token_value", "password", "token_secret"])(
    "a secret %s that would break a header is refused, and not shown",
    async (name) => {
      for (const secret of ["marked\r\nX: y", "marked\0", "marked\u0085x"]) {
        const sealed = await sealer.seal(secret, `/auth/${name}`);
        for (const text of [secret, sealed]) {
          const auth = { ...AUTH, [name]: text };
          const { problems } = await resolve({ proxmox: PROXMOX, auth }, {});
          expect(problems).toMatchObject([
            { code: "SCHEMA", where: { location: `/auth/${name}` } },
          ]);
          expect(`${problems[0]?.message} ${problems[0]?.hint}`).not.toContain("marked");
        }
      }
    },
  );

  test.each([
    [{ user: "a@pam" }, "/auth", "there is neither an API token nor a password"],
    [{ user: "a@pam", token_name: "mcp" }, "/auth/token_value", "token_value is missing"],
    [{ user: "a@pam", token_value: "x" }, "/auth/token_name", "token_name is missing"],
    // Which of the two is meant is not for us to say.
    [
      { user: "a@pam", token_name: "mcp", password: "x" },
      "/auth/token_value",
      "token_value is missing",
    ],
    [{ user: "a@pam", token_name: "mcp", token_valeu: "x" }, "/auth/token_value", "is missing"],
  ])("nobody to be is one problem, with a way out: %j", async (auth, location, message) => {
    const { problems } = await resolve({ proxmox: PROXMOX, auth }, {});
    expect(problems).toMatchObject([
      {
        code: "SCHEMA",
        message: expect.stringContaining(message),
        where: { file: "config.json", location, line: 5, column: 11 },
        hint: expect.stringMatching(/^write .*token_value.* password/),
      },
    ]);
  });

  test("a token that cannot be filled in is no half token, too", async () => {
    const auth = { user: "a@pam", token_name: "mcp", token_value: "${TOKEN}" };
    expect(await problemsOf({ proxmox: PROXMOX, auth })).toEqual([
      "VARIABLE_MISSING /auth/token_value",
    ]);
  });

  test.each([
    "c".repeat(63),
    "c".repeat(65),
    `${"c".repeat(63)}g`,
    `${FINGERPRINT}:`,
    FINGERPRINT.replace(":", ""),
    "SHA256:abc",
  ])("what is no SHA-256 fingerprint is refused: %j", async (fingerprint) => {
    const { problems } = await resolve({ proxmox: { ...PROXMOX, fingerprint }, auth: AUTH }, {});
    expect(problems).toMatchObject([
      {
        code: "SCHEMA",
        message: "the value must be a SHA-256 fingerprint",
        where: { location: "/proxmox/fingerprint" },
        hint: expect.stringMatching(/^write the 64 hex digits/),
      },
    ]);
  });

  test("a token in a list is an error, as nothing decrypts it there", async () => {
    const token = await sealer.seal("uptime", "/policy/exec/allow/0");
    expect(
      await problemsOf({ proxmox: PROXMOX, auth: AUTH, policy: { exec: { allow: [token] } } }),
    ).toEqual(["TOKEN_MISPLACED /policy/exec/allow/0"]);
  });

  test("a missing variable in a list is named with its place", async () => {
    const allow = ["uptime", "ls ${DIRECTORY}"];
    expect(await problemsOf({ proxmox: PROXMOX, auth: AUTH, policy: { exec: { allow } } })).toEqual(
      ["VARIABLE_MISSING /policy/exec/allow/1"],
    );
  });

  test("a .env file is no config", async () => {
    const document = await openDocument("A=b\n", { format: "dotenv" });
    const { problems } = await resolveConfig({ document, env: {}, opener });
    expect(problems.map(({ code }) => code)).toEqual(["SCHEMA"]);
  });

  test("an empty secret stays an error after decryption", async () => {
    const token_value = await sealer.seal(" ", "/auth/token_value");
    expect(await problemsOf({ proxmox: PROXMOX, auth: { ...AUTH, token_value } })).toEqual([
      "SCHEMA /auth/token_value",
    ]);
  });

  test("a token in a token is an error", async () => {
    const inner = await sealer.seal(SECRET, "/auth/token_value");
    const token_value = await sealer.seal(inner, "/auth/token_value");
    expect(await problemsOf({ proxmox: PROXMOX, auth: { ...AUTH, token_value } })).toEqual([
      "TOKEN_MALFORMED /auth/token_value",
    ]);
  });

  test("a token in a field that is no secret is an error, in an unknown one a warning", async () => {
    const token = await sealer.seal("root@pam", "/auth/user");
    const { problems, warnings } = await resolve(
      {
        proxmox: { host: "${HOST}", custom: token },
        auth: { ...AUTH, user: token },
      },
      { env: { HOST: token } },
    );
    expect(problems.map(({ code, where }) => `${code} ${where.location}`)).toEqual([
      "TOKEN_MISPLACED /proxmox/host",
      "TOKEN_MISPLACED /auth/user",
    ]);
    expect(warnings.map(({ code }) => code)).toContain("UNKNOWN_KEY");
  });

  test("a moved token is refused with the name of its right place", async () => {
    const token = await sealer.seal(SECRET, "/servers/staging/token_secret");
    const { problems } = await resolve({
      proxmox: PROXMOX,
      auth: { ...AUTH, token_value: token },
      servers: { staging: { token_secret: token } },
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      code: "TOKEN_MISPLACED",
      message:
        "Token decryption failed: sealed for /servers/staging/token_secret, found at /auth/token_value",
      where: { file: "config.json", location: "/auth/token_value", line: 8 },
    });
  });

  test("without a key, the reason is given once, and broken tokens are still told apart", async () => {
    const token = await sealer.seal(SECRET, "/auth/token_value");
    const config = {
      proxmox: { ...PROXMOX, password: token },
      auth: { ...AUTH, token_value: token, password: "enc:broken" },
    };
    const { problems } = await resolve(config, { opener: noKey });
    expect(problems.map(({ code }) => code).sort()).toEqual(["KEY_MISSING", "TOKEN_MALFORMED"]);
  });

  test("without tokens no key is needed", async () => {
    expect(await problemsOf({ proxmox: PROXMOX, auth: AUTH }, { opener: noKey })).toEqual([]);
  });

  test("another key opens nothing", async () => {
    const token_value = await sealer.seal(SECRET, "/auth/token_value");
    const other = parseKeyText(generateMasterKey(randomBytes).reveal());
    const config = { proxmox: PROXMOX, auth: { ...AUTH, token_value } };
    expect(await problemsOf(config, { opener: createOpener({ keys: other }) })).toEqual([
      "NO_KEY_OPENS /auth/token_value",
    ]);
  });

  test.each([
    ["auth: {user: a@pam, token_name: b, token_value: &t x}", "/auth/token_value"],
    ["auth: &a {user: a@pam, token_name: b, token_value: x}", "/auth/token_value"],
    [
      "auth: {user: a@pam, token_name: b, token_value: x}\nother: &p 8006\nmore: {port: *p}",
      undefined,
    ],
  ])("a secret under an anchor is refused, and no other value: %s", async (text, location) => {
    const document = await openDocument(`proxmox: {host: a}\n${text}\n`, { format: "yaml" });
    const { problems } = await resolveConfig({ document, env: {}, opener });
    const found = problems.map(({ code, where }) => `${code} ${where.location}`);
    expect(found).toEqual(location === undefined ? [] : [`AMBIGUOUS ${location}`]);
  });

  test("an aliased boolean is refused, and not taken for false", async () => {
    const text =
      "other: &on true\nproxmox: {host: a, verify_ssl: *on}\nauth: {user: a@pam, token_name: b, token_value: x}\n";
    const document = await openDocument(text, { format: "yaml" });
    const { problems } = await resolveConfig({ document, env: {}, opener });
    expect(problems.map(({ code, where }) => `${code} ${where.location}`)).toEqual([
      "AMBIGUOUS /proxmox/verify_ssl",
    ]);
  });
});

describe("requireBound", () => {
  const config = (token_value: string) => ({ proxmox: PROXMOX, auth: { ...AUTH, token_value } });

  test("refuses plain and unbound secrets, wherever they come from", async () => {
    const options = { requireBound: true, env: { TOKEN: SECRET } };
    const refused = ["TOKEN_NOT_BOUND /auth/token_value"];
    expect(await problemsOf(config(SECRET), options)).toEqual(refused);
    expect(await problemsOf(config("${TOKEN}"), options)).toEqual(refused);
    expect(await problemsOf(config("${MISSING:-x}"), options)).toEqual(refused);
    const unbound = await unboundSealer.seal(SECRET, "/auth/token_value");
    expect(await problemsOf(config(unbound), options)).toEqual(refused);
  });

  test("takes bound tokens", async () => {
    const token = await sealer.seal(SECRET, "/auth/token_value");
    expect(await problemsOf(config(token), { requireBound: true })).toEqual([]);
  });
});

describe("warnings", () => {
  test("name plain secrets and plain defaults in the file", async () => {
    const { warnings } = await resolve({
      proxmox: { ...PROXMOX, password: "${MISSING:-x}" },
      auth: AUTH,
    });
    expect(warnings.map(({ code, where }) => `${code} ${where.location} ${where.line}`)).toEqual([
      "PLAIN_DEFAULT /proxmox/password 4",
      "PLAIN_SECRET /auth/token_value 9",
    ]);
    expect(JSON.stringify(warnings)).not.toContain(SECRET);
  });

  test("name unknown keys, what was meant, and take them out of the config", async () => {
    const { config, warnings } = await resolve({
      proxmox: { ...PROXMOX, prot: 8007, "a/b": 1 },
      auth: AUTH,
      loging: { level: "DEBUG" },
    });
    expect(warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "UNKNOWN_KEY the key prot is unknown and ignored (did you mean port?)",
      "UNKNOWN_KEY the key a/b is unknown and ignored",
      expect.stringContaining("PLAIN_SECRET"),
      "UNKNOWN_KEY the key loging is unknown and ignored (did you mean logging?)",
    ]);
    expect(config).not.toHaveProperty("loging");
    expect(config?.proxmox).not.toHaveProperty("prot");
    expect(config?.proxmox.port).toBe(8006);
  });

  test.each(["polcy", "Policy", "HTTP", "audits"])("are problems: %s", async (section) => {
    const { problems, warnings } = await resolve(
      { proxmox: PROXMOX, auth: { ...AUTH, token_value: "${TOKEN}" }, [section]: {} },
      { env: { TOKEN: SECRET } },
    );
    expect(warnings).toEqual([]);
    expect(problems.map(({ code, where }) => [code, where.location])).toEqual([
      ["SCHEMA", `/${section}`],
    ]);
  });

  test("are problems where a slip would leave open what was meant to be shut", async () => {
    const { config, problems, warnings } = await resolve(
      {
        proxmox: PROXMOX,
        auth: { ...AUTH, token_value: "${TOKEN}" },
        policy: { denny: [], exec: { allow: [], shel: false } },
        http: { allowed_network: [] },
        audit: { requird: true },
      },
      { env: { TOKEN: SECRET } },
    );
    expect(config).toBeUndefined();
    expect(warnings).toEqual([]);
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "SCHEMA the key denny is unknown (did you mean deny?)",
      "SCHEMA the key shel is unknown (did you mean shell?)",
      "SCHEMA the key allowed_network is unknown (did you mean allowed_networks?)",
      "SCHEMA the key requird is unknown (did you mean required?)",
    ]);
  });
});
