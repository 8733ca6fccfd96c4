/** How often a command derives a key: each time is a tenth of a second of one core that somebody waits for. */
import { readFileSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { type Cli, createCli } from "./cli.ts";
import { config, KEY } from "./material.ts";

// Stands before the real PBKDF2, and writes down what it is asked for.
const COUNTER = `"use strict";
const { appendFileSync } = require("node:fs");
const crypto = require("node:crypto");
const { syncBuiltinESMExports } = require("node:module");
const { pbkdf2 } = crypto;
crypto.pbkdf2 = (password, salt, iterations, ...rest) => {
  const line = [Buffer.from(salt).toString("hex"), iterations].join(" ");
  appendFileSync(process.env.DERIVATIONS, line + "\\n");
  return pbkdf2(password, salt, iterations, ...rest);
};
syncBuiltinESMExports();
`;

/** A place with a key, where commands are run and their derivations counted. */
function counted() {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  cli.write("../counter.cjs", COUNTER);
  const log = cli.path("../derivations");
  const env = { NODE_OPTIONS: `--require ${cli.path("../counter.cjs")}`, DERIVATIONS: log };
  /** @returns the derivations, as salts; a command derives for each of them once. */
  const derivations = async (argv: readonly string[]): Promise<readonly string[]> => {
    rmSync(log, { force: true });
    const { status, stderr } = await cli.run(argv, { env });
    expect(status, stderr).toBe(0);
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    expect(lines.every((line) => line.endsWith(" 100000"))).toBe(true);
    expect(new Set(lines).size).toBe(lines.length);
    return lines;
  };
  return { cli, derivations };
}

/** Files with a salt each. */
async function sealEach(cli: Cli, names: readonly string[]): Promise<void> {
  for (const name of names) {
    cli.write(name, config(), 0o600);
    const { status, stderr } = await cli.run(["encrypt", name, "--in-place"]);
    expect(status, stderr).toBe(0);
  }
}

test("a document of a hundred secrets takes one derivation either way", async () => {
  const { cli, derivations } = counted();
  const servers = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [
      `node-${index}`,
      { token_secret: `example-${index}` },
    ]),
  );
  cli.write("many.json", JSON.stringify({ servers }), 0o600);
  const sealing = await derivations(["encrypt", "many.json", "-o", "sealed.json"]);
  expect(sealing).toHaveLength(1);
  expect(await derivations(["decrypt", "sealed.json"])).toEqual(sealing);
});

test("a rotation takes one derivation for each old salt, and one for all that is new", async () => {
  const { cli, derivations } = counted();
  const names = ["configs/a.json", "configs/b.json", "configs/c.json", "configs/d.json"];
  await sealEach(cli, names);
  const first = await derivations(["rotate-key-all", "configs", "--yes"]);
  expect(first).toHaveLength(names.length + 1);
  // Now all files share a salt: that of the run.
  const again = await derivations(["rotate-key-all", "configs", "--yes"]);
  expect(again).toHaveLength(2);
  expect(first.filter((line) => again.includes(line))).toHaveLength(1);
});
