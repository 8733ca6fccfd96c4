/** Files as the Python tool writes them are read, shown and changed. */
import { describe, expect, test } from "vitest";
import { type Cli, createCli } from "./cli.ts";
import { pythonTokens } from "./material.ts";

// Only a key of 32 bytes may seal.
const FILES = pythonTokens.filter(
  ({ master_key, plaintext }) =>
    Buffer.from(master_key, "base64url").length === 32 &&
    plaintext !== "" &&
    !plaintext.includes("${"),
);
const FORMS = { new: "unbound", old: "legacy" } as const;

/** A config as its `json.dump(config, file, indent=2)` leaves it: ASCII alone, no final newline. */
function asPythonWrites(token: string): string {
  const written = {
    proxmox: { host: "pve.example", port: 8006, verify_ssl: false, service: "PVE" },
    auth: { user: "jürgen@pve", token_name: "mcp", token_value: token },
    logging: { level: "INFO", format: "%(asctime)s - %(message)s", file: null },
  };
  return JSON.stringify(written, undefined, 2).replace("ü", "\\u00fc");
}

function prepared(key: string, token: string): Cli {
  const cli = createCli();
  cli.write(cli.keyFile, key, 0o600);
  cli.write("config.encrypted.json", asPythonWrites(token));
  return cli;
}

test("there are files of both forms", () => {
  expect(new Set(FILES.map(({ format }) => format))).toEqual(new Set(["new", "old"]));
});

describe.each(FILES)("a $format token of $name", ({ master_key, plaintext, token, format }) => {
  test("is read, shown, changed and kept", async () => {
    const cli = prepared(master_key, token);
    const file = "config.encrypted.json";

    const shown = JSON.parse((await cli.run([file, "--status"])).stdout);
    expect(shown.files[0].secrets).toMatchObject([
      { location: "/auth/token_value", state: FORMS[format], opens: true },
    ]);
    expect((await cli.run(["decrypt", file])).stdout).toBe(
      asPythonWrites(token).replace(JSON.stringify(token), JSON.stringify(plaintext)),
    );
    expect((await cli.run(["encrypt", file])).stderr).toContain("Nothing to encrypt");
    expect(cli.read(file)).toBe(asPythonWrites(token));

    await cli.run(["set", file, "/auth/token_value", "--unbound"], { input: "new example" });
    const sealed = /"token_value": "(enc:[^"]+)"/.exec(cli.read(file))?.[1] ?? "";
    expect(cli.read(file)).toBe(asPythonWrites(sealed));
    const again = JSON.parse((await cli.run(["status", file, "--python"])).stdout);
    expect(again.files[0].secrets).toMatchObject([
      { state: "unbound", opens: true, pythonReads: true },
    ]);
  });
});

test("a key of another length opens, with a warning, and seals nothing", async () => {
  const short = pythonTokens.find(({ name }) => name === "newlines");
  const cli = prepared(short?.master_key ?? "", short?.token ?? "");
  const file = "config.encrypted.json";
  const field = await cli.run(["decrypt", file, "--field", "/auth/token_value"]);
  expect(field).toMatchObject({ status: 0, stdout: `${short?.plaintext}\n` });
  expect(field.stderr).toMatch(/^warning: .*opens old tokens.*\n$/);
  const before = cli.snapshot();
  const { status } = await cli.run(["set", file, "/auth/token_value", "--generate", "uuid"]);
  expect(status).toBe(3);
  expect(cli.snapshot()).toEqual(before);
});
