/** What is derived before the program is loaded: the guess, and that a wrong one changes nothing. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { deriveAhead } from "../src/derive-ahead.ts";
import { createCli } from "./cli.ts";
import { BOUND, config, KEY, OTHER_KEY, SECRET } from "./material.ts";

const ENV = { PROXMOX_MCP_MASTER_KEY: KEY };

/** A directory with a plain and an encrypted config, and their paths. */
function files() {
  const cli = createCli();
  cli.write("plain.json", config());
  cli.write("sealed.json", config(BOUND.token));
  return { cli, plain: cli.path("plain.json"), sealed: cli.path("sealed.json") };
}

test("commands that open a file begin with its token's salt", () => {
  const { cli, sealed } = files();
  for (const command of ["status", "decrypt"]) {
    const started = deriveAhead([command, sealed, "--json"], ENV, cli.home);
    expect(Buffer.from(started?.key ?? []).toString("base64url")).toBe(KEY.replace(/=$/, ""));
    expect(BOUND.token).toContain(Buffer.from(started?.salt ?? [0]).toString("base64url"));
  }
});

test("commands that seal begin with a salt of their form", () => {
  const { cli, plain } = files();
  const length = (...argv: string[]) => deriveAhead(argv, ENV, cli.home)?.salt.length;
  expect(length("encrypt", plain)).toBe(17);
  expect(length("set", plain, "/auth/token_value")).toBe(17);
  expect(length("encrypt", plain, "--unbound")).toBe(16);
});

test("the key file in the home counts", () => {
  const { cli, plain } = files();
  expect(deriveAhead(["encrypt", plain], {}, cli.home)).toBeUndefined();
  cli.write(join(cli.home, ".proxmox_mcp_key"), KEY, 0o600);
  expect(deriveAhead(["encrypt", plain], {}, cli.home)).toBeDefined();
});

test("other commands, flags in front and keys that are named begin nothing", () => {
  const { cli, plain, sealed } = files();
  for (const argv of [
    [],
    ["status"],
    ["generate-key", plain],
    ["rotate-key", sealed],
    ["--json", "status", sealed],
    ["status", "--json", sealed],
    ["status", sealed, "--key-file", "key"],
    ["status", sealed, "--key-file=key"],
    ["status", sealed, "--key-env", "OTHER"],
  ]) {
    expect(deriveAhead(argv, ENV, cli.home), argv.join(" ")).toBeUndefined();
  }
});

test("a token of another salt than the first opens all the same", async () => {
  const { cli } = files();
  const sealing = await cli.run(["encrypt", "plain.json", "-o", "fresh.json"], { env: ENV });
  expect(sealing.status).toBe(0);
  // In a comment: the guess sees it, and no parser does.
  const [, fresh = ""] = /"(enc:[^"]+)"/.exec(cli.read("fresh.json")) ?? [];
  cli.write("both.yaml", `# ${fresh}\n${cli.read("sealed.json")}`);
  const { status, stdout } = await cli.run(
    ["decrypt", "both.yaml", "--field", "/auth/token_value", "--max-derivations", "1"],
    { env: ENV },
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining(SECRET) });
});

test("a key that is named at the end opens, whatever key stands in the environment", async () => {
  const { cli } = files();
  cli.write("key", `${KEY}\n`, 0o600);
  const { status, stdout } = await cli.run(
    ["decrypt", "sealed.json", "--field", "/auth/token_value", "--key-file", "key"],
    { env: { PROXMOX_MCP_MASTER_KEY: OTHER_KEY } },
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining(SECRET) });
});
