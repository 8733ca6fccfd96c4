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
])("%s", async (_, part) => {
  const cli = createCli();
  cli.write(cli.keyFile, KEY, 0o600);
  const text = part.repeat(SIZE / part.length);
  const config = { auth: { token_value: text, user: text }, service_token: text };
  cli.write("config.json", JSON.stringify(config));
  cli.write(".env", `PROXMOX_PASSWORD='${text}'\nSERVICE_TOKEN='${text}'\n`);
  const { status, signal } = await cli.run(["status", "config.json", ".env"]);
  expect({ status, signal }).toEqual({ status: 0, signal: null });
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
