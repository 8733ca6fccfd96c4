import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, lstatSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Cli, createCli } from "../cli.ts";
import { BOUND, config, ELSEWHERE, KEY, SECRET } from "../material.ts";

/** What is said of an output that only its reader can find. */
const VERIFY = "Check it where it was put: proxmox-mcp-encrypt status FILE (- for stdin)\n";

function prepared(files: Readonly<Record<string, string>> = { "config.json": config() }): Cli {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  for (const [name, content] of Object.entries(files)) cli.write(name, content);
  return cli;
}

async function decrypted(cli: Cli, name: string): Promise<string> {
  const { status, stdout, stderr } = await cli.run(["decrypt", name]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

describe("where it writes", () => {
  test.each([
    ["config.json", config(), "config.encrypted.json"],
    ["config.yaml", `auth:\n  token_value: ${SECRET} # mine\n`, "config.encrypted.yaml"],
    [".env", `# gateway\nMCPO_API_KEY=${SECRET}\n`, ".env.encrypted"],
    ["settings", config(), "settings.encrypted"],
  ])("%s", async (name, content, output) => {
    const cli = prepared({ [name]: content });
    const { status, stdout, stderr } = await cli.run(["encrypt", name]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(stderr).toContain(`Encrypted 1 field of ${name} to ${output}`);
    expect(stderr).toContain(`Check it: proxmox-mcp-encrypt status ${output}`);
    expect(stderr).toContain(`${name} still holds the secrets in plain text.`);
    expect(cli.read(name)).toBe(content);
    expect(cli.read(output)).not.toContain(SECRET);
    expect(await decrypted(cli, output)).toBe(content);
  });

  test("the line that checks it can be pasted: it names the key, and quotes", async () => {
    const cli = prepared({ "my config.json": config() });
    const key = ["--key-file", cli.keyFile];
    const check = (file: string) => `proxmox-mcp-encrypt status ${file} --key-file ${cli.keyFile}`;
    const toFile = await cli.run(["encrypt", "my config.json", ...key]);
    expect(toFile.stderr).toContain(`Check it: ${check("'my config.encrypted.json'")}\n`);
    const toStdout = await cli.run(["encrypt", "my config.json", "-o", "-", ...key]);
    expect(toStdout.stderr).toContain(
      `Check it where it was put: ${check("FILE")} (- for stdin)\n`,
    );
  });

  test("-o FILE, and every byte outside the secret stays", async () => {
    const cli = prepared();
    await cli.run(["encrypt", "config.json", "-o", "out.json"]);
    const text = cli.read("out.json");
    const token = /"token_value": "(enc:[^"]+)"/.exec(text)?.[1] ?? "";
    expect(text).toBe(config(token));
  });

  test("-o - is stdout alone", async () => {
    const cli = prepared();
    const before = cli.snapshot();
    const { status, stdout, stderr } = await cli.run(["encrypt", "config.json", "-o", "-"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).auth.token_value).toMatch(/^enc:/);
    expect(stderr).toContain(VERIFY);
    expect(cli.snapshot()).toEqual(before);
    const verified = await cli.run(["status", "-", "--check"], { input: stdout });
    expect(JSON.parse(verified.stdout)).toMatchObject({ exitStatus: 0, findings: [] });
  });

  test("stdin gives stdout, whatever the format", async () => {
    const cli = prepared({});
    const input = `PROXMOX_PASSWORD=${SECRET}\n`;
    const sealed = await cli.run(["encrypt", "-"], { input });
    expect(sealed).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^PROXMOX_PASSWORD=["']?enc:/),
      stderr: expect.stringContaining(VERIFY),
    });
    const opened = await cli.run(["decrypt", "-"], { input: sealed.stdout });
    expect(opened).toMatchObject({ status: 0, stdout: input });
  });

  test("--in-place, by another inode, and without a second file", async () => {
    const cli = prepared();
    const names = cli.snapshot().length;
    const { ino } = statSync(cli.path("config.json"));
    const { status, stderr } = await cli.run(["encrypt", "config.json", "--in-place"]);
    expect(status).toBe(0);
    expect(stderr).toContain("Encrypted 1 field of config.json to itself");
    expect(stderr).not.toContain("still holds");
    expect(statSync(cli.path("config.json")).ino).not.toBe(ino);
    expect(cli.snapshot()).toHaveLength(names);
    expect(await decrypted(cli, "config.json")).toBe(config());
  });

  test("-o with the file itself is in place as well, by whatever name", async () => {
    const cli = prepared();
    const { status, stderr } = await cli.run([
      "encrypt",
      "config.json",
      "-o",
      "../work/config.json",
    ]);
    expect(status).toBe(0);
    expect(stderr).not.toContain("still holds");
    expect(await decrypted(cli, "config.json")).toBe(config());
  });

  test.skipIf(process.platform === "win32")(
    "a link stays a link, and its file is replaced",
    async () => {
      const cli = prepared({ "real/config.json": config() });
      symlinkSync("real/config.json", cli.path("config.json"));
      const { status } = await cli.run(["encrypt", "config.json", "--in-place"]);
      expect(status).toBe(0);
      expect(lstatSync(cli.path("config.json")).isSymbolicLink()).toBe(true);
      expect(cli.read("real/config.json")).not.toContain(SECRET);
    },
  );
});

describe("an output that is there", () => {
  test("with the same values is sealed anew", async () => {
    const cli = prepared();
    await cli.run(["encrypt", "config.json"]);
    const first = cli.read("config.encrypted.json");
    const { status } = await cli.run(["encrypt", "config.json"]);
    expect(status).toBe(0);
    expect(cli.read("config.encrypted.json")).not.toBe(first);
    expect(await decrypted(cli, "config.encrypted.json")).toBe(config());
  });

  test("with other values is replaced with --force alone", async () => {
    const cli = prepared({ "config.json": config(), "config.encrypted.json": "mine" });
    expect((await cli.run(["encrypt", "config.json"])).status).toBe(8);
    expect((await cli.run(["encrypt", "config.json", "--force"])).status).toBe(0);
    expect(await decrypted(cli, "config.encrypted.json")).toBe(config());
  });
});

describe("what it seals", () => {
  test("nothing, where all is sealed or a placeholder: exit 0 and no file", async () => {
    const text = config(BOUND.token).replace('"mcp@pve"', '"mcp@pve", "password": "${PASSWORD}"');
    const cli = prepared({ "config.json": text });
    const before = cli.snapshot();
    const { status, stderr } = await cli.run(["encrypt", "config.json"]);
    expect(status).toBe(0);
    expect(stderr).toContain("Nothing to encrypt in config.json");
    expect(stderr).toContain("Nothing was written.");
    expect(stderr).toContain("/auth/token_value  encrypted already (bound)");
    expect(stderr).toContain("/auth/password  a placeholder, filled in from the environment");
    expect(cli.snapshot()).toEqual(before);
  });

  test("the plain fields, and leaves tokens and placeholders as they are", async () => {
    const text = config(BOUND.token).replace(
      '"mcp@pve"',
      '"mcp@pve", "password": "an example", "token_secret": "${SECRET:-literal}"',
    );
    const cli = prepared({ "config.json": text });
    const { stdout } = await cli.run(["encrypt", "config.json", "--json", "-o", "out.json"]);
    const { encrypted, kept } = JSON.parse(stdout);
    expect(encrypted).toMatchObject([{ location: "/auth/password", state: "plain" }]);
    expect(kept).toMatchObject([
      { location: "/auth/token_secret", state: "plain-default" },
      { location: "/auth/token_value", state: "bound" },
    ]);
    expect(cli.read("out.json")).toContain(BOUND.token);
    expect(cli.read("out.json")).toContain('"${SECRET:-literal}"');
  });

  test("a value with ${ with --force alone", async () => {
    const text = config("a${b");
    const cli = prepared({ "config.json": text });
    expect((await cli.run(["encrypt", "config.json"])).stderr).toContain("Nothing to encrypt");
    expect((await cli.run(["encrypt", "config.json", "--force"])).status).toBe(0);
    const opened = await cli.run(["decrypt", "config.encrypted.json", "--force"]);
    expect(opened.stdout).toBe(text);
  });

  test("what --field names, with * for one segment", async () => {
    const text = '{ "users": { "a": { "pin": "1234" }, "b": { "pin": "5678" } }, "pin": "0000" }\n';
    const cli = prepared({ "settings.json": text });
    const { status } = await cli.run(["encrypt", "settings.json", "--field", "/users/*/pin"]);
    expect(status).toBe(0);
    const sealed = JSON.parse(cli.read("settings.encrypted.json"));
    expect(sealed.users.a.pin).toMatch(/^enc:/);
    expect(sealed.users.b.pin).toMatch(/^enc:/);
    expect(sealed.pin).toBe("0000");
    expect(await decrypted(cli, "settings.encrypted.json")).toBe(text);
  });

  test("values that look like secrets are named, not sealed", async () => {
    const lookalike = "mcp@pve!example=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    const text = config().replace('"proxmox"', `"note": "${lookalike}",\n  "proxmox"`);
    const cli = prepared({ "config.json": text });
    const { stderr } = await cli.run(["encrypt", "config.json"]);
    expect(stderr).toContain("/note  add --field /note\n");
    expect(stderr).not.toContain(lookalike);
    expect(cli.read("config.encrypted.json")).toContain(lookalike);
  });

  test("a name that a shell would run is quoted in the way out", async () => {
    const name = "it's $(touch pwned)_token";
    const secret = "mcp@pve!example=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    const cli = prepared({
      "config.json": config().replace('"proxmox"', `"${name}": "${secret}",\n  "proxmox"`),
    });
    const { stderr } = await cli.run(["encrypt", "config.json"]);
    const [, words = ""] = /add (--field .*)\n/.exec(stderr) ?? [];
    const shell = spawnSync("sh", ["-c", `printf '%s\\n' ${words}`], { cwd: cli.directory });
    expect(shell.stdout.toString()).toBe(`--field\n/${name}\n`);
    expect(existsSync(cli.path("pwned"))).toBe(false);
  });

  test("a default that looks like a secret is named, with a way out for placeholders", async () => {
    const text = config().replace(
      '"proxmox"',
      '"grafana_token": "${GRAFANA:-abcd1234efgh5678}",\n  "proxmox"',
    );
    const cli = prepared({ "config.json": text });
    const { stderr } = await cli.run(["encrypt", "config.json"]);
    expect(stderr).toContain("no rule names them:");
    expect(stderr).toContain("/grafana_token  remove the default of its placeholder\n");
    expect(stderr).not.toMatch(/--field|abcd1234/);
    const { stdout } = await cli.run(["encrypt", "config.json", "--force", "--json"]);
    expect(JSON.parse(stdout).lookalikes).toMatchObject([
      { location: "/grafana_token", state: "plain-default" },
    ]);
  });

  test("--unbound writes what the Python tool writes", async () => {
    const cli = prepared();
    await cli.run(["encrypt", "config.json", "--unbound"]);
    const { stdout } = await cli.run(["status", "config.encrypted.json"]);
    expect(JSON.parse(stdout).files[0].secrets).toMatchObject([{ state: "unbound", opens: true }]);
  });

  test("--rebind mends an honest rename", async () => {
    const cli = prepared({ "config.json": config(ELSEWHERE.token) });
    const rename = "/servers/production/token_secret=/auth/token_value";
    const { status } = await cli.run(["encrypt", "config.json", "--in-place", "--rebind", rename]);
    expect(status).toBe(0);
    const { stdout } = await cli.run(["decrypt", "config.json", "--field", "/auth/token_value"]);
    expect(stdout).toBe(`${ELSEWHERE.plaintext}\n`);
  });

  test("--rebind from a field that it was not sealed for is refused", async () => {
    const cli = prepared({ "config.json": config(ELSEWHERE.token) });
    const before = cli.snapshot();
    const rename = "/auth/password=/auth/token_value";
    const { status } = await cli.run(["encrypt", "config.json", "--in-place", "--rebind", rename]);
    expect(status).toBe(6);
    expect(cli.snapshot()).toEqual(before);
  });
});

describe.skipIf(process.platform === "win32")("modes and owners", () => {
  test.each([
    ["600", 0o600],
    ["640", 0o640],
    ["664", 0o664],
  ])("%s is kept, whatever the umask", async (octal, mode) => {
    const cli = prepared();
    chmodSync(cli.path("config.json"), mode);
    for (const umask of ["000", "077"]) {
      const through = ["sh", "-c", `umask ${umask} && exec "$@"`, "sh"];
      await cli.run(["encrypt", "config.json", "-o", `${umask}.json`], { through });
      expect(cli.mode(`${umask}.json`)).toBe(octal);
    }
    await cli.run(["encrypt", "config.json", "--in-place"]);
    expect(cli.mode("config.json")).toBe(octal);
  });

  test.skipIf(process.getuid?.() !== 0)("the owner is kept, for root", async () => {
    const cli = prepared();
    chownSync(cli.path("config.json"), 65534, 65534);
    await cli.run(["encrypt", "config.json"]);
    await cli.run(["encrypt", "config.json", "--in-place"]);
    for (const name of ["config.json", "config.encrypted.json"]) {
      expect(statSync(cli.path(name))).toMatchObject({ uid: 65534, gid: 65534 });
    }
  });

  test("what stdin gave goes into a file of mode 600", async () => {
    const cli = prepared({});
    await cli.run(["encrypt", "-", "-o", "out.json"], { input: config() });
    expect(cli.mode("out.json")).toBe("600");
  });
});

describe("what it does not encrypt", () => {
  test("a master key, and it says so", async () => {
    const text = config().replace('"mcp@pve"', '"mcp@pve", "master_key": "example-word"');
    const cli = prepared({ "config.json": text });
    const { status, stderr } = await cli.run(["encrypt", "config.json", "--in-place"]);
    expect(status).toBe(0);
    expect(stderr).toContain(
      "A master key lies beside the secrets it opens: move it to a file of its own:\n  /auth/master_key\n",
    );
    expect(stderr).not.toContain("--field");
    expect(cli.read("config.json")).toContain('"master_key": "example-word"');
  });

  test.each([
    ['{ "password": "a", "api_key": 1234 }', "/api_key"],
    ['{ "password": "a", "secret": ["b"] }', "/secret"],
  ])("a document with a secret that is no string: %s", async (text, location) => {
    const cli = prepared({ "settings.json": text });
    const { status, stderr } = await cli.run(["encrypt", "settings.json"]);
    expect(status).toBe(5);
    expect(stderr).toContain("error[SECRET_NOT_STRING]");
    expect(stderr).toContain(location);
    expect(cli.read("settings.json")).toBe(text);
  });
});
