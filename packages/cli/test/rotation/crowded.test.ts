/**
 * Directories of so many files that a call cannot take them as its arguments: those lie on the stack,
 * which has room for some hundred thousand. Here it is made small, so that fewer files fill it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Cli } from "../cli.ts";
import { BOUND, config } from "../material.ts";
import { deployment } from "./deployment.ts";

const COUNT = 30_000;
const SMALL_STACK = 'node=$1; shift; exec "$node" --stack-size=200 "$@"';
const STAMP = "20260131_120000";

async function runWithSmallStack(cli: Cli, argv: readonly string[]): Promise<string> {
  const through = ["sh", "-c", SMALL_STACK, "sh"];
  const { status, stdout, stderr } = await cli.run([...argv, "--json"], { through });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

function fill(cli: Cli, nameOf: (number: number) => string, text = ""): void {
  mkdirSync(cli.path("many"));
  for (let number = 0; number < COUNT; number += 1) {
    writeFileSync(cli.path(nameOf(number)), text);
  }
}

test("rotate-key-all passes by a crowd of files", async () => {
  const cli = deployment();
  fill(cli, (number) => `many/${number}.json`);
  const { skipped } = JSON.parse(await runWithSmallStack(cli, ["rotate-key-all", "many"]));
  expect(skipped).toHaveLength(COUNT);
});

test("rotate-key-all names a crowd of excluded files", async () => {
  const cli = deployment();
  fill(cli, (number) => `many/${number}.json`, "enc:");
  const argv = ["rotate-key-all", "many", "--exclude", "*.json"];
  const { skipped } = JSON.parse(await runWithSmallStack(cli, argv));
  expect(skipped).toHaveLength(COUNT);
});

test("backups restore passes by a crowd of backups of other programs", async () => {
  const cli = deployment();
  fill(cli, (number) => `many/${number}.backup.${STAMP}`);
  cli.write(`many/config.json.backup.${STAMP}`, config(BOUND.token));
  const argv = ["backups", "restore", "many", "--stamp", STAMP, "--dry-run"];
  const { skipped, files } = JSON.parse(await runWithSmallStack(cli, argv));
  expect(files).toHaveLength(1);
  expect(skipped).toHaveLength(COUNT);
});
