/** Texts that cost a careless pattern quadratic time. A test that hangs here is killed, and fails. */
import { expect, test } from "vitest";
import { createCli } from "./cli.ts";
import { KEY } from "./material.ts";

const SIZE = 1_000_000;

test.each([
  ["one word", "a"],
  ["openings of placeholders", "${"],
  ["openings of placeholders with names", "${a:"],
  ["halves of PVE tokens", "a@"],
  ["nearly whole PVE tokens", "a@a!a="],
  ["directories", "/a"],
  ["prefixes of tokens", "enc:"],
  ["blanks", " "],
  ["names in camel case", "aB"],
  ["capitals", "A"],
  ["extensions", ".key"],
])("%s", async (_, part) => {
  const cli = createCli();
  cli.write(cli.keyFile, KEY, 0o600);
  const text = part.repeat(SIZE / part.length);
  const config = { auth: { token_value: text, user: text }, service_token: text };
  cli.write("config.json", JSON.stringify(config));
  cli.write("names.json", JSON.stringify({ [text]: "a", list: [{ [`${text}_token`]: "b" }] }));
  cli.write("config.yaml", `auth:\n  token_value: "${text}"\n  user: '${text}'\n`);
  cli.write("block.yaml", `auth:\n  token_value: |\n    a${text}b\n`);
  cli.write(".env", `PROXMOX_PASSWORD='${text}'\nSERVICE_TOKEN="${text}"\n`);
  cli.write("bare.env", `PROXMOX_PASSWORD=a${text}b\nB=${text}# c\n`);
  const names = ["config.json", "names.json", "config.yaml", "block.yaml", ".env", "bare.env"];
  const { status, signal } = await cli.run(["status", ...names]);
  expect({ status, signal }).toEqual({ status: 0, signal: null });
});

test.each([
  ["comments", "# c\r\n"],
  ["blank lines", " \r\n"],
  ["hashes", "#"],
])("a text without a name that begins with many %s", async (_, part) => {
  const cli = createCli();
  const input = `${part.repeat(SIZE / part.length)}\nA=b\n`;
  const { status, signal, stdout } = await cli.run(["status", "-"], { input });
  expect({ status, signal }).toEqual({ status: 0, signal: null });
  expect(stdout).toContain('"dotenv"');
});

test("names of files and fields cannot repaint a terminal or disguise themselves", async () => {
  const cli = createCli();
  cli.write(cli.keyFile, KEY, 0o600);
  const name = "evil\u001b[31m\u202ename.json";
  cli.write(name, '{ "passwords\\u001b[2J": { "password": "example" } }');
  const shown = await cli.run(["status", name, "--table", "--check"]);
  const failed = await cli.run(["decrypt", name, "--field", "/\u001b[2J"]);
  for (const text of [shown.stdout, shown.stderr, failed.stderr]) {
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text).toContain("\\u001b");
  }
});
