import { describe, expect, test } from "vitest";
import { type Cli, createCli } from "../cli.ts";
import { BOUND, config, KEY } from "../material.ts";

function prepared(
  files: Readonly<Record<string, string>> = { "sealed.json": config(BOUND.token) },
): Cli {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  for (const [name, content] of Object.entries(files)) cli.write(name, content);
  return cli;
}

async function openedValue(cli: Cli, file: string, field: string): Promise<string> {
  const { stdout } = await cli.run(["decrypt", file, "--field", field]);
  return stdout.slice(0, -1);
}

describe("a value from stdin", () => {
  test.each([
    ["as it is", "new example", "new example"],
    ["less one line end", "new example\n", "new example"],
    ["less one Windows line end", "new example\r\n", "new example"],
    ["with the other line ends", "two\nlines\n\n", "two\nlines\n"],
    ["with its blanks", "  new example ", "  new example "],
    ["with any character", 'a"b\\c\u0001é🔐', 'a"b\\c\u0001é🔐'],
  ])("%s", async (_, input, plaintext) => {
    const cli = prepared();
    const { status, stdout, stderr } = await cli.run(["set", "sealed.json", "/auth/token_value"], {
      input,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(stderr).toContain("Sealed a new value for /auth/token_value in sealed.json");
    expect(await openedValue(cli, "sealed.json", "/auth/token_value")).toBe(plaintext);
  });
});

describe("a generated value", () => {
  test.each([
    ["uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ["hex32", /^[0-9a-f]{64}$/],
    ["base64", /^[A-Za-z0-9+/]{43}=$/],
  ])("%s", async (kind, shape) => {
    const cli = prepared({ ".env": "MCPO_API_KEY=old\n" });
    const values = new Set<string>();
    for (let run = 0; run < 2; run += 1) {
      const { status, stdout, stderr } = await cli.run([
        "set",
        ".env",
        "MCPO_API_KEY",
        "--generate",
        kind,
      ]);
      expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
      const value = await openedValue(cli, ".env", "MCPO_API_KEY");
      expect(value).toMatch(shape);
      expect(stderr).not.toContain(value);
      values.add(value);
    }
    expect(values.size).toBe(2);
  });
});

test("the line that shows a generated value can be pasted: it names the key, and quotes", async () => {
  const cli = prepared({ "my config.json": config() });
  const argv = ["set", "my config.json", "/auth/token_value", "--generate", "hex32"];
  const { stderr } = await cli.run([...argv, "--key-file", cli.keyFile]);
  const show = `decrypt 'my config.json' --field /auth/token_value --key-file ${cli.keyFile}`;
  expect(stderr).toContain(`Show it: proxmox-mcp-encrypt ${show}\n`);
});

describe("every other byte stays", () => {
  test.each([
    [
      "json",
      '{\r\n\t"auth" :{"token_value":"old" , "password":"other"},\r\n "n":1.0e2 }',
      "/auth/token_value",
    ],
    [
      "yaml",
      "# mine\nauth:\n    token_value:   'old'   # here\n    password: other\n",
      "/auth/token_value",
    ],
    ["env", "# mine\nexport MCPO_API_KEY = old # here\nPROXMOX_PASSWORD='other'", "MCPO_API_KEY"],
  ])("of %s", async (extension, text, field) => {
    const name = `config.${extension}`;
    const cli = prepared({ [name]: text });
    expect((await cli.run(["set", name, field], { input: "new" })).status).toBe(0);
    const after = cli.read(name);
    const token = /enc:[\w:=-]+/.exec(after)?.[0] ?? "";
    // A token needs quotes in some formats.
    const [head, tail] = after
      .replace(`"${token}"`, token)
      .replace(`'${token}'`, token)
      .split(token);
    const [wantedHead, wantedTail] = text
      .replace('"old"', "old")
      .replace("'old'", "old")
      .split("old");
    expect([head, tail]).toEqual([wantedHead, wantedTail]);
    expect(await openedValue(cli, name, field)).toBe("new");
  });
});

test("a field that no rule names is sealed with --force", async () => {
  const cli = prepared();
  const { status } = await cli.run(["set", "sealed.json", "/auth/user", "--force"], {
    input: "me@pve",
  });
  expect(status).toBe(0);
  expect(await openedValue(cli, "sealed.json", "/auth/user")).toBe("me@pve");
});

test("a broken token of the field itself is replaced: that is the way out which its error names", async () => {
  const cli = prepared({ "config.json": config("enc:broken") });
  const { status } = await cli.run(["set", "config.json", "/auth/token_value"], { input: "new" });
  expect(status).toBe(0);
  expect(await openedValue(cli, "config.json", "/auth/token_value")).toBe("new");
});

test("--json tells what was there, and not what is there now", async () => {
  const cli = prepared();
  const { stdout } = await cli.run(["set", "sealed.json", "/auth/token_value", "--json"], {
    input: "new",
  });
  expect(JSON.parse(stdout)).toEqual({
    ok: true,
    exitStatus: 0,
    command: "set",
    file: "sealed.json",
    location: "/auth/token_value",
    before: "bound",
    generated: null,
    keyId: expect.stringMatching(/^[0-9a-f]{8}$/),
    recovered: [],
    warnings: [],
  });
});
