import { describe, expect, test } from "vitest";
import { type Cli, createCli } from "../cli.ts";
import { KEY } from "../material.ts";

const FIELD = "/http/api_keys/ci";
const YAML = "proxmox:\n  host: pve.example # mine\nauth:\n  user: mcp@pve\n";

function prepared(files: Readonly<Record<string, string>>): Cli {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  for (const [name, content] of Object.entries(files)) cli.write(name, content);
  return cli;
}

async function opened(cli: Cli, file: string, field = FIELD): Promise<string> {
  const { stdout } = await cli.run(["decrypt", file, "--field", field]);
  return stdout.slice(0, -1);
}

describe("an API key that is not there yet", () => {
  test.each([
    [
      "config.json",
      '{\n\t"proxmox": {"host":"pve.example" }\n}',
      '{\n\t"proxmox": {"host":"pve.example" },\n\t"http": {\n\t\t"api_keys": {\n\t\t\t"ci": "TOKEN"\n\t\t}\n\t}\n}',
    ],
    ["config.yaml", YAML, `${YAML}http:\n  api_keys:\n    ci: "TOKEN"\n`],
  ])("is added to %s, and every other byte stays", async (name, text, after) => {
    const cli = prepared({ [name]: text });
    const { status, stdout, stderr } = await cli.run(["set", name, FIELD, "--generate", "hex32"]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(stderr).toContain(`Added ${FIELD} to ${name}, sealed (key `);
    expect(await opened(cli, name)).toMatch(/^[0-9a-f]{64}$/);
    const [token = ""] = /enc:[\w:=-]+/.exec(cli.read(name)) ?? [];
    expect(cli.read(name)).toBe(after.replace("TOKEN", token));
  });

  test("is added beside others, and taken anew the next time", async () => {
    const cli = prepared({ "config.yaml": YAML });
    await cli.run(["set", "config.yaml", FIELD, "--generate", "hex32"]);
    await cli.run(["set", "config.yaml", "/http/api_keys/other", "--generate", "hex32"]);
    const before = await opened(cli, "config.yaml");
    const { stderr } = await cli.run(["set", "config.yaml", FIELD, "--generate", "hex32"]);
    expect(stderr).toContain(`Sealed a new value for ${FIELD} in config.yaml`);
    expect(await opened(cli, "config.yaml")).not.toBe(before);
    expect(cli.read("config.yaml").split("api_keys:")).toHaveLength(2);
  });

  test("is said to have been absent in JSON", async () => {
    const cli = prepared({ "config.yaml": YAML });
    const { stdout } = await cli.run(["set", "config.yaml", FIELD, "--json"], { input: "new" });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, location: FIELD, before: "absent" });
  });

  test.each([
    ["a name of its own", "/http/api_keys/"],
    ["a secret that has one name", "/auth/password"],
    ["a field of an entry", "/servers/lab/token_value"],
    ["a master key", "/http/api_keys/master_key"],
    ["anything else", "/http/port"],
  ])("is no way to add %s", async (_, field) => {
    const cli = prepared({ "config.yaml": YAML });
    const { status, stderr } = await cli.run(["set", "config.yaml", field, "--force"], {
      input: "new",
    });
    expect(status).toBe(5);
    expect(stderr).toContain("FIELD_NOT_FOUND");
    expect(cli.read("config.yaml")).toBe(YAML);
  });
});

test("API keys are encrypted, listed and rotated like every secret", async () => {
  const cli = prepared({
    "config.yaml": `${YAML}http:\n  api_keys:\n    ci: example-key-0123456789\n    __proto__: example-key-9876543210\n`,
  });
  expect((await cli.run(["encrypt", "config.yaml", "--in-place"])).status).toBe(0);
  expect(cli.read("config.yaml")).not.toContain("example-key");
  const listed = await cli.run(["status", "config.yaml", "--json"]);
  for (const name of ["ci", "__proto__"]) expect(listed.stdout).toContain(`/http/api_keys/${name}`);
  const before = cli.read("config.yaml");
  expect((await cli.run(["rotate-key", "config.yaml"])).status).toBe(0);
  expect(cli.read("config.yaml")).not.toBe(before);
  expect(await opened(cli, "config.yaml")).toBe("example-key-0123456789");
  expect(await opened(cli, "config.yaml", "/http/api_keys/__proto__")).toBe(
    "example-key-9876543210",
  );
});
