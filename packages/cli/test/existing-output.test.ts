/** No output replaces a master key, however it is spelled and whatever is forced. */
import { symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { type Cli, createCli } from "./cli.ts";
import { config, KEY, OTHER_KEY } from "./material.ts";

const OLD_KEY = Buffer.from("an old key of 16").toString("base64url");

function prepared(): Cli {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  cli.write("config.json", config());
  return cli;
}

test.each([
  ["a key", `${OTHER_KEY}\n`],
  ["a key without its padding", OTHER_KEY.replace("=", "")],
  ["an old key of 16 bytes", `${OLD_KEY}\n`],
  ["a key twice", `${OTHER_KEY}\n${OTHER_KEY}\n`],
  ["a key after a comment", `# the key of staging\n${OTHER_KEY}\n`],
  ["a key and its successor", `${OTHER_KEY}\nnext:${KEY}\n`],
  ["a key in quotes", `'${OTHER_KEY}'\n`],
  ["a variable with a key", `A=1\nPROXMOX_MCP_MASTER_KEY=${OTHER_KEY}\n`],
  ["a variable with an old key", `A=1\nexport PROXMOX_MCP_MASTER_KEY_STAGING="${OLD_KEY}=="\n`],
  ["a key in a script", `#!/bin/sh\nexport KEY="${OTHER_KEY}"\n`],
])("--force does not replace %s", async (_, content) => {
  const cli = prepared();
  cli.write("target", content, 0o600);
  for (const force of [["--force"], []]) {
    const { status, stderr } = await cli.run(["encrypt", "config.json", "-o", "target", ...force]);
    expect(stderr).toMatch(/^error\[OUTPUT_EXISTS\].*holds a master key; nothing was written/);
    expect(status).toBe(8);
    expect(cli.read("target")).toBe(content);
  }
});

test.each([
  ["the key file in use", { PROXMOX_MCP_MASTER_KEY_FILE: "keys" }, "keys"],
  ["a link to the key file in use", { PROXMOX_MCP_MASTER_KEY_FILE: "keys" }, "link"],
  ["the home key file, whatever is in it", { PROXMOX_MCP_MASTER_KEY: OTHER_KEY }, "home"],
])("--force does not replace %s", async (_, env, target) => {
  const cli = prepared();
  // So long that its text alone would not give it away.
  const long = `${OTHER_KEY} # ${"x".repeat(60 * 1024)}\n`;
  cli.write("keys", long, 0o600);
  cli.write(cli.keyFile, "put away for now\n", 0o600);
  symlinkSync("keys", cli.path("link"));
  symlinkSync(cli.keyFile, cli.path("home"));
  const before = cli.snapshot();
  const { stderr } = await cli.run(["encrypt", "config.json", "-o", target, "--force"], { env });
  expect(stderr).toMatch(/^error\[OUTPUT_EXISTS\].*holds a master key; nothing was written/);
  expect(cli.snapshot()).toEqual(before);
});

test.each([
  ["a word", "mine\n"],
  ["another config", config("something else")],
  ["a .env file that says where the key is", "PROXMOX_MCP_MASTER_KEY_FILE=/etc/proxmox/key\n"],
  ["a comment that names the variable", "# PROXMOX_MCP_MASTER_KEY= comes from the vault\nA=1\n"],
  ["a file larger than any key file", `${OTHER_KEY}\n${"x\n".repeat(40_000)}`],
  ["a hash of 64 digits", `{ "sha256": "${"0aF1".repeat(16)}" }\n`],
])("--force replaces %s", async (_, content) => {
  const cli = prepared();
  cli.write("target", content);
  const { status, stderr } = await cli.run(["encrypt", "config.json", "-o", "target", "--force"]);
  expect(status, stderr).toBe(0);
  expect(cli.read("target")).toContain('"token_value": "enc:');
});

test("a .env file that carries its key is encrypted again, and keeps it", async () => {
  const cli = prepared();
  cli.write(".env", `PROXMOX_MCP_MASTER_KEY=${KEY}\nMCPO_API_KEY=example-of-a-secret\n`);
  for (let run = 0; run < 2; run += 1) {
    const { status, stderr } = await cli.run(["encrypt", ".env"]);
    expect(status, stderr).toBe(0);
    expect(cli.read(".env.encrypted")).toContain(`PROXMOX_MCP_MASTER_KEY=${KEY}\n`);
  }
});
