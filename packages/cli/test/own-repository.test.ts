/** The scan raises no false alarm where it is at home. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { BINARY, cleanEnvironment, createCli } from "./cli.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

// A source archive has no repository, but the examples.
const listed = existsSync(join(ROOT, ".git"))
  ? execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" }).split("\0")
  : [];
const files = listed.filter((name) => name !== "" && existsSync(join(ROOT, name)));
if (files.length === 0) process.stderr.write("SKIPPED: this is no checkout of git\n");

test.skipIf(files.length === 0)("this repository holds no secret", () => {
  const { status, stdout } = spawnSync(process.execPath, [BINARY, "scan", "--", ...files], {
    cwd: ROOT,
    env: cleanEnvironment(createCli().home),
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(status).toBe(0);
  expect(files.length).toBeGreaterThan(500);
});

test("nor do the example configs", async () => {
  const names = readdirSync(join(ROOT, "examples")).map((name) => join(ROOT, "examples", name));
  expect(await createCli().run(["scan", ...names])).toMatchObject({
    status: 0,
    stdout: "",
    stderr: `No findings in ${names.length} files.\n`,
  });
});
