import { describe, expect, test } from "vitest";
import { type Cli, createCli, type Surroundings } from "../cli.ts";
import { BOUND, config, ELSEWHERE, KEY, OTHER_KEY, SECRET, vectors } from "../material.ts";

const DAY = 24 * 60 * 60_000;
const UNUSED_KEY = Buffer.alloc(32, 0x5a).toString("base64url").concat("=");
const unbound = vectors.readable.find(({ state }) => state === "unbound")?.token ?? "";
const legacy = vectors.readable.find(({ state }) => state === "legacy")?.token ?? "";
const newer = vectors.bad.find(({ expect }) => expect === "newer")?.token ?? "";

/** One field in every state that there is. */
const STATES = {
  plain: SECRET,
  "plain-default": "${TOKEN:-example}",
  placeholder: "${TOKEN}",
  legacy,
  unbound,
  malformed: "enc:broken",
  newer,
};
const ALL = JSON.stringify({
  servers: Object.fromEntries(
    Object.entries(STATES).map(([name, token_secret]) => [name, { token_secret }]),
  ),
  auth: { token_value: BOUND.token, password: 12345678 },
});

function prepared(files: Readonly<Record<string, string>>, key: string | undefined = KEY): Cli {
  const cli = createCli();
  if (key !== "") cli.write(cli.keyFile, `${key}\n`, 0o600);
  for (const [name, content] of Object.entries(files)) cli.write(name, content, 0o600);
  return cli;
}

async function json(cli: Cli, argv: readonly string[], around?: Surroundings) {
  const { stdout, stderr } = await cli.run(["status", ...argv], around);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

async function findings(cli: Cli, argv: readonly string[], around?: Surroundings) {
  const { status, stdout } = await cli.run(["status", ...argv, "--check"], around);
  const found = JSON.parse(stdout).findings as { location: string; kind: string; code?: string }[];
  return { status, found: found.map(({ kind, code }) => [kind, code].filter(Boolean).join(" ")) };
}

describe("states", () => {
  test("of every kind of field, and whether the key opens it", async () => {
    const cli = prepared({ "config.json": ALL });
    const before = cli.snapshot();
    const { files } = await json(cli, ["config.json"]);
    const seen = files[0].secrets.map((field: Record<string, unknown>) => [
      field["location"],
      field["state"],
      field["opens"] ?? null,
    ]);
    expect(seen).toEqual([
      ["/servers/plain/token_secret", "plain", null],
      ["/servers/plain-default/token_secret", "plain-default", null],
      ["/servers/placeholder/token_secret", "placeholder", null],
      ["/servers/legacy/token_secret", "legacy", true],
      ["/servers/unbound/token_secret", "unbound", true],
      ["/servers/malformed/token_secret", "malformed", false],
      ["/servers/newer/token_secret", "newer", false],
      ["/auth/token_value", "bound", true],
      ["/auth/password", "not-a-string", null],
    ]);
    expect(cli.snapshot()).toEqual(before);
  });

  test("without a key: all of them, their ages, and no word on what opens", async () => {
    const cli = prepared({ "config.json": ALL }, "");
    const { key, files } = await json(cli, ["config.json"]);
    expect(key).toBeNull();
    const bound = files[0].secrets.find(({ state }: { state: string }) => state === "bound");
    expect(bound.sealedAt).toBe(new Date(BOUND.timestamp * 1000).toISOString());
    expect(bound.ageDays).toBeGreaterThan(365);
    for (const field of files[0].secrets) expect(field).not.toHaveProperty("opens");
  });

  test("with the wrong key, and with a token of another field", async () => {
    const wrong = await json(prepared({ "a.json": config(BOUND.token) }, OTHER_KEY), ["a.json"]);
    expect(wrong.files[0].secrets[0]).toMatchObject({
      opens: false,
      problem: { code: "NO_KEY_OPENS" },
    });
    const moved = await json(prepared({ "a.json": config(ELSEWHERE.token) }), ["a.json"]);
    expect(moved.files[0].secrets[0]).toMatchObject({
      opens: false,
      problem: { code: "TOKEN_MISPLACED" },
    });
  });

  test("a retired key opens, and its id says so", async () => {
    const cli = prepared({ "a.json": config(BOUND.token) }, `${OTHER_KEY}\n${KEY}`);
    const { key, files } = await json(cli, ["a.json"]);
    expect(key.ids).toHaveLength(2);
    expect(key.id).toBe(key.ids[0]);
    expect(files[0].secrets[0]).toMatchObject({ opens: true, keyId: key.ids[1] });
  });
});

describe("--check", () => {
  test.each([
    ["a plain secret", config(), ["plain"]],
    ["a plain default", config("${TOKEN:-example}"), ["plain-default"]],
    ["a placeholder", config("${TOKEN}"), []],
    ["a bound token", config(BOUND.token), []],
    ["an unbound token", config(unbound), []],
    ["a broken token", config("enc:broken"), ["unopened TOKEN_MALFORMED"]],
    ["a moved token", config(ELSEWHERE.token), ["unopened TOKEN_MISPLACED"]],
    ["a number", '{ "auth": { "token_value": 12345678 } }', ["not-a-string"]],
    ["a number in any document", '{ "api_key": 1234 }', ["not-a-string"]],
    ["a list in any document", '{ "secret": ["a"] }', ["not-a-string"]],
    ["a map", '{ "properties": { "password": { "type": "string" } } }', []],
    ["API keys alone", '{ "http": { "api_keys": { "webmaster_key": "word" } } }', ["plain"]],
    ["a master key", '{ "auth": { "master_key": "word" } }', ["master-key"]],
    ["a placeholder for a master key", '{ "auth": { "master_key": "${KEY}" } }', []],
    ["the path of a master key", '{ "auth": { "master_key_file": "~/key" } }', []],
    ["a simple password", '{ "auth": {}, "database": { "password": "a" } }', ["secret-looking"]],
    [
      "a value that looks like a secret",
      config(BOUND.token).replace('"mcp@pve"', `"mcp@pve", "webhook_token": "${SECRET}"`),
      ["secret-looking"],
    ],
    [
      "a default that looks like a secret, in a field that no rule names",
      '{ "auth": {}, "grafana_token": "${GRAFANA:-abcd1234efgh5678}", "other_token": "${OTHER:-}" }',
      ["plain-default"],
    ],
  ])("%s", async (_, text, expected) => {
    const { status, found } = await findings(prepared({ "config.json": text }), ["config.json"]);
    expect({ status, found }).toEqual({ status: expected.length === 0 ? 0 : 7, found: expected });
  });

  test("a default that looks like a secret has a way out that works for one", async () => {
    const cli = prepared({ "a.json": '{ "grafana_token": "${GRAFANA:-abcd1234efgh5678}" }' });
    const { stdout, stderr } = await cli.run(["status", "a.json", "--check", "--table"]);
    expect(stdout).toMatch(/\/grafana_token +plain-default/);
    expect(stderr).toContain(
      "a.json /grafana_token has a secret as its default in plain text: remove the default\n",
    );
  });

  test("findings alone do not fail: --check does", async () => {
    const { status } = await prepared({ "config.json": config() }).run(["status", "config.json"]);
    expect(status).toBe(0);
  });

  test("with the wrong key", async () => {
    const cli = prepared({ "config.json": config(BOUND.token) }, OTHER_KEY);
    expect(await findings(cli, ["config.json"])).toEqual({
      status: 7,
      found: ["unopened NO_KEY_OPENS"],
    });
  });

  test("--max-age: by the time that the token claims, with or without a key", async () => {
    for (const key of [KEY, ""]) {
      const cli = prepared({ "config.json": config(BOUND.token) }, key);
      const days = Math.ceil((Date.now() - BOUND.timestamp * 1000) / DAY);
      const young = await findings(cli, ["config.json", "--max-age", `${days + 1}d`]);
      expect(young).toEqual({ status: 0, found: [] });
      const old = await findings(cli, ["config.json", "--max-age", `${days - 2}d`]);
      expect(old).toEqual({ status: 7, found: ["too-old"] });
    }
  });

  test("PROXMOX_MCP_REQUIRE_BOUND objects to unbound and legacy tokens", async () => {
    const env = { PROXMOX_MCP_REQUIRE_BOUND: "true" };
    for (const [token, expected] of [
      [BOUND.token, []],
      [unbound, ["not-bound"]],
      [legacy, ["not-bound"]],
    ] as const) {
      const cli = prepared({ "config.json": config(token) });
      const { found } = await findings(cli, ["config.json"], { env });
      expect(found).toEqual(expected);
    }
  });

  test("tells each finding on stderr beside a table", async () => {
    const cli = prepared({ "config.json": config() });
    const { status, stderr } = await cli.run(["status", "config.json", "--check", "--table"]);
    expect(status).toBe(7);
    expect(stderr).toContain("config.json /auth/token_value is a secret in plain text");
    expect(stderr).toContain("1 finding.");
  });
});

describe("--table", () => {
  test("shows a master key, and with --check says what to do", async () => {
    const cli = prepared({ "config.json": '{ "auth": { "master_key": "example-word" } }' });
    const shown = await cli.run(["status", "config.json", "--table", "--check"]);
    expect(shown.stdout).toMatch(/^ +\/auth\/master_key +master-key +- +- +1:27$/m);
    expect(shown.stderr).toContain(
      "config.json /auth/master_key is a master key that lies beside the secrets it opens: move it to a file of its own",
    );
    expect(shown.stdout + shown.stderr).not.toContain("example-word");
  });

  test("has a line for each field, and no colours without a terminal", async () => {
    const cli = prepared({ "config.json": config(BOUND.token) });
    const { stdout, stderr } = await cli.run(["status", "config.json", "--table"]);
    expect(stderr).toBe("");
    const [file, head, field, key] = stdout.split("\n");
    expect(file).toBe("config.json");
    expect(head?.trim().split(/ {2,}/)).toEqual(["FIELD", "STATE", "AGE", "KEY", "LINE"]);
    expect(field).toMatch(
      /^ {2}\/auth\/token_value {2}bound {2}\d+d {2}opens \([0-9a-f]{8}\) {2}6:20$/,
    );
    expect(key).toBe(`Key: ${/\(([0-9a-f]{8})\)/.exec(field ?? "")?.[1]} from ${cli.keyFile}`);
  });

  test("--python says what the Python tool leaves sealed", async () => {
    const cli = prepared({ "config.json": ALL });
    const { stdout } = await cli.run(["status", "config.json", "--table", "--python"]);
    expect(stdout).toMatch(/\/auth\/token_value .* reads it/);
    expect(stdout).toMatch(/\/servers\/unbound\/token_secret .* leaves it sealed/);
    const { files } = await json(cli, ["config.json", "--python"]);
    expect(files[0].secrets.map((field: { pythonReads: boolean }) => field.pythonReads)).toContain(
      false,
    );
  });
});

describe("a directory", () => {
  const tree = {
    "a.json": config(BOUND.token),
    "deep/er/b.yaml": `auth:\n  token_value: ${SECRET}\n`,
    ".env": `MCPO_API_KEY=${SECRET}\n`,
    "c.env": "NOTHING=secret\n",
    "notes.txt": SECRET,
    "tsconfig.json": "{ // no strict JSON\n}",
    "config.example.json": config(),
    "node_modules/x/config.json": config(),
    "a.json.backup.20240101_000000": config(),
    ".a.json.pm-0123456789abcdef.new": config(),
  };

  test("gives every config in it with a secret, and names what it skipped", async () => {
    const cli = prepared(tree);
    const { files, skipped } = await json(cli, ["."]);
    expect(files.map(({ file }: { file: string }) => file)).toEqual([
      ".env",
      "a.json",
      "deep/er/b.yaml",
    ]);
    expect(skipped).toEqual([{ file: "tsconfig.json", reason: expect.any(String) }]);
  });

  test("beside files, in the order of the arguments", async () => {
    const cli = prepared(tree);
    const { files } = await json(cli, ["deep", "a.json"]);
    expect(files.map(({ file }: { file: string }) => file)).toEqual(["deep/er/b.yaml", "a.json"]);
  });

  test("without any config says so", async () => {
    const cli = prepared({ "notes.txt": SECRET });
    const { status, stdout } = await cli.run(["status", ".", "--table"]);
    expect(status).toBe(0);
    expect(stdout).toContain("No secrets were found.");
  });
});

test.skipIf(process.platform === "win32")(
  "plain secrets that others can read are warned of",
  async () => {
    const cli = prepared({ "open.json": config(), "closed.json": config() });
    cli.write("open.json", config(), 0o644);
    cli.write("sealed.json", config(BOUND.token), 0o644);
    const { warnings } = await json(cli, ["open.json", "closed.json", "sealed.json"]);
    expect(warnings).toEqual([
      "open.json holds plain secrets and is open to everybody (mode 644): chmod 600 open.json",
    ]);
  },
);

test.skipIf(process.platform === "win32")(
  "a key file that others can read is warned of",
  async () => {
    const cli = prepared({ "sealed.json": config(BOUND.token) });
    cli.write(cli.keyFile, KEY, 0o644);
    const { stderr } = await cli.run(["status", "sealed.json", "--table"]);
    expect(stderr).toBe(
      `warning: key file ${cli.keyFile} is open to everybody (mode 644): chmod 600 ${cli.keyFile}\n`,
    );
  },
);

test("stdin", async () => {
  const cli = prepared({});
  const { files } = await json(cli, ["-"], { input: config(BOUND.token) });
  expect(files[0]).toMatchObject({ file: "-", secrets: [{ state: "bound", opens: true }] });
});

describe("the phase of a change of keys", () => {
  test("goes from settled over prepared to rotated, and back", async () => {
    const cli = prepared({ "config.json": config(BOUND.token) });
    const phase = async () => JSON.parse((await cli.run(["status", "config.json"])).stdout).phase;
    const table = async () => (await cli.run(["status", "config.json", "--table"])).stdout;
    expect(await phase()).toBe("settled");
    expect(await table()).toMatch(
      /^Key: .*\nIt is the only key there: no change of keys is under way\.\n$/m,
    );
    await cli.run(["prepare-key"]);
    expect(await phase()).toBe("prepared");
    expect(await table()).toContain("A next key waits, and no file uses it yet");
    await cli.run(["rotate-key", "config.json"]);
    expect(await phase()).toBe("rotated");
    // The rotation kept a backup, which only the old key opens.
    expect(await table()).toContain(
      "None of these files needs the old keys that are still kept. retire-key drops them: name it every directory with files of this key.",
    );
    await cli.run(["retire-key", ".", "--delete-backups"]);
    expect(await phase()).toBe("settled");
    expect(await table()).toContain("It is the only key there");
  });

  test.each([
    ["one key", OTHER_KEY],
    ["a next key", `${OTHER_KEY}\nnext:${UNUSED_KEY}`],
    ["an old key", `${OTHER_KEY}\n${UNUSED_KEY}`],
  ])("is unknown where no token opens: %s", async (_, keys) => {
    const cli = prepared({ "config.json": config(BOUND.token) }, keys);
    const shown = JSON.parse((await cli.run(["status", "config.json"])).stdout);
    expect(shown.phase).toBeNull();
    expect(shown.findings).toMatchObject([{ kind: "unopened", code: "NO_KEY_OPENS" }]);
    const { stdout } = await cli.run(["status", "config.json", "--table"]);
    expect(stdout).toContain("NO_KEY_OPENS");
    expect(stdout).not.toMatch(/next key|old key|only key/);
  });

  test("is told by the tokens that open, and where there are none", async () => {
    const keys = `${KEY}\nnext:${OTHER_KEY}`;
    const broken = "enc:gAAAAA";
    const cli = prepared({ "a.json": config(BOUND.token), "b.json": config(broken) }, keys);
    const phase = async (...files: string[]) =>
      JSON.parse((await cli.run(["status", ...files])).stdout).phase;
    expect(await phase("a.json", "b.json")).toBe("prepared");
    cli.write("c.json", config(), 0o600);
    expect(await phase("c.json")).toBe("prepared");
    expect(await phase("b.json")).toBeNull();
  });

  test("is unknown without a key", async () => {
    const cli = prepared({ "config.json": config(BOUND.token) }, "");
    expect(JSON.parse((await cli.run(["status", "config.json"])).stdout).phase).toBeNull();
    const { stdout } = await cli.run(["status", "config.json", "--table"]);
    expect(stdout).toMatch(/No master key was found, so no token was opened\.\n$/);
  });
});
