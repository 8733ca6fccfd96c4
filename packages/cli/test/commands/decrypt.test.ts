import { describe, expect, test } from "vitest";
import { type Cli, createCli } from "../cli.ts";
import { BOUND, config, KEY, SECRET, torture } from "../material.ts";

function prepared(files: Readonly<Record<string, string>>): Cli {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  for (const [name, content] of Object.entries(files)) cli.write(name, content);
  return cli;
}

const sealed = { "sealed.json": config(BOUND.token) };

describe("to stdout", () => {
  test("gives the document's bytes and not a word more", async () => {
    const cli = prepared(sealed);
    const before = cli.snapshot();
    expect(await cli.run(["decrypt", "sealed.json"])).toEqual({
      status: 0,
      signal: null,
      stdout: config(),
      stderr: "",
    });
    expect(cli.snapshot()).toEqual(before);
  });

  test.each([
    ["a.json", torture("crlf-tabs-no-final-newline.json")],
    ["b.yaml", "# mine\n\nauth:   # here\n    token_value:   'an example'   # there\n\n"],
    ["c.env", `# mine\r\nexport MCPO_API_KEY="an example"  # here\r\n\r\nOTHER='x y'`],
  ])("gives back the very bytes of an encrypted %s", async (name, text) => {
    const cli = prepared({ [name]: text });
    expect((await cli.run(["encrypt", name, "-o", `out-${name}`])).status).toBe(0);
    expect(cli.read(`out-${name}`)).not.toBe(text);
    expect((await cli.run(["decrypt", `out-${name}`])).stdout).toBe(text);
  });

  test("passes on a document without any token", async () => {
    const cli = prepared({ "config.json": config() });
    expect(await cli.run(["decrypt", "config.json"])).toMatchObject({
      status: 0,
      stdout: config(),
    });
  });

  test("--field gives one value and a line end", async () => {
    const cli = prepared(sealed);
    const { stdout, stderr } = await cli.run([
      "decrypt",
      "sealed.json",
      "--field",
      "/auth/token_value",
    ]);
    expect({ stdout, stderr }).toEqual({ stdout: `${SECRET}\n`, stderr: "" });
  });

  test("--field opens one token beside others that are broken", async () => {
    const broken = config(BOUND.token).replace('"mcp@pve"', '"mcp@pve", "password": "enc:broken"');
    const cli = prepared({ "sealed.json": broken });
    expect((await cli.run(["decrypt", "sealed.json"])).status).toBe(6);
    const { status, stdout } = await cli.run([
      "decrypt",
      "sealed.json",
      "--field",
      "/auth/token_value",
    ]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${SECRET}\n` });
  });

  test("--field takes the bare name of a variable", async () => {
    const cli = prepared({ ".env": `MCPO_API_KEY=${SECRET}\n` });
    await cli.run(["encrypt", ".env"]);
    for (const field of ["MCPO_API_KEY", "env:MCPO_API_KEY"]) {
      const { stdout } = await cli.run(["decrypt", ".env.encrypted", "--field", field]);
      expect(stdout).toBe(`${SECRET}\n`);
    }
  });

  test("--json holds the text", async () => {
    const cli = prepared(sealed);
    const { stdout } = await cli.run(["decrypt", "sealed.json", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      exitStatus: 0,
      command: "decrypt",
      input: "sealed.json",
      output: null,
      text: config(),
      decrypted: [{ location: "/auth/token_value", line: 6, column: 20, state: "bound" }],
    });
  });
});

describe("to a file", () => {
  test.skipIf(process.platform === "win32")(
    "that only its owner may read, whatever the umask",
    async () => {
      const cli = prepared(sealed);
      const through = ["sh", "-c", 'umask 000 && exec "$@"', "sh"];
      const { status, stdout, stderr } = await cli.run(
        ["decrypt", "sealed.json", "-o", "plain.json"],
        { through },
      );
      expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
      expect(stderr).toContain("Decrypted 1 field of sealed.json to plain.json (mode 600).");
      expect(cli.mode("plain.json")).toBe("600");
      expect(cli.read("plain.json")).toBe(config());
    },
  );
});

describe("a plaintext with ${", () => {
  async function withPlaceholder(): Promise<Cli> {
    const cli = prepared({ "config.json": config("a${HOME}b") });
    await cli.run(["encrypt", "config.json", "--in-place", "--force"]);
    return cli;
  }

  test("is refused, because a loader would expand it", async () => {
    const cli = await withPlaceholder();
    const before = cli.snapshot();
    const { status, stdout, stderr } = await cli.run(["decrypt", "config.json"]);
    expect({ status, stdout }).toEqual({ status: 5, stdout: "" });
    expect(stderr).toMatch(
      /^error\[PLACEHOLDER\]: config\.json:6:20 \/auth\/token_value: .*--field.*--force/,
    );
    expect(cli.snapshot()).toEqual(before);
  });

  test("is given with --force, and by --field", async () => {
    const cli = await withPlaceholder();
    expect((await cli.run(["decrypt", "config.json", "--force"])).stdout).toBe(config("a${HOME}b"));
    const one = await cli.run(["decrypt", "config.json", "--field", "/auth/token_value"]);
    expect(one.stdout).toBe("a${HOME}b\n");
  });
});
