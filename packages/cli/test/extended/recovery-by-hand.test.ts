/**
 * The Python programs of docs/rotation.md, run as they stand there: on rotations that were killed, and
 * on the test vectors. Needs Linux, strace, python3 and its package cryptography.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fse from "fs-extra";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fencesOf } from "../docs/fences.ts";
import { trace, untraceable } from "../faults/strace.ts";
import { config, KEY, OTHER_KEY, pythonTokens, SECRET, vectors } from "../material.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const BIN = join(ROOT, "packages/cli/bin/proxmox-mcp-encrypt.cjs");
const RECORD = ".proxmox-mcp.txn";

const programs = fencesOf(readFileSync(join(ROOT, "docs/rotation.md"), "utf8"))
  .filter(({ language }) => language === "python")
  .map(({ content }) => content);
const program = (name: string) => programs.find((text) => text.startsWith(`"""python3 ${name}`));

const hasPython = spawnSync("python3", ["-c", "import cryptography"]).status === 0;
if (!hasPython)
  process.stderr.write("SKIPPED: recovery by hand needs python3 and its package cryptography\n");
if (untraceable !== undefined)
  process.stderr.write(`SKIPPED: recovery by hand after a kill: ${untraceable}\n`);

let world = "";
const at = (...names: string[]) => join(world, ...names);
const env = () => ({ PATH: process.env["PATH"] ?? "", HOME: at("home"), LC_ALL: "C.UTF-8" });

/** Two encrypted configs in two directories, the key file in a third. */
beforeEach(() => {
  world = realpathSync(fse.mkdtempSync(join(tmpdir(), "proxmox-mcp-by-hand-")));
  fse.outputFileSync(at("home/.proxmox_mcp_key"), `${KEY}\n`, { mode: 0o600 });
  for (const path of ["one/a.json", "two/b.json"]) {
    fse.outputFileSync(at(path), config());
    encrypt("encrypt", at(path), "--in-place");
  }
});
afterEach(() => fse.removeSync(world));

function encrypt(...argv: string[]): string {
  const run = spawnSync(process.execPath, [BIN, ...argv], { encoding: "utf8", env: env() });
  expect(run, run.stderr).toMatchObject({ status: 0 });
  return run.stdout + run.stderr;
}

function python(name: string, argv: readonly string[], input = "") {
  const path = at(name);
  writeFileSync(path, program(name) ?? "");
  return spawnSync("python3", [path, ...argv], { encoding: "utf8", env: env(), input });
}

/** A rotation of both configs that is killed before it renames for the nth time. */
async function kill(when: number): Promise<void> {
  const argv = [process.execPath, BIN, "rotate-key", at("one/a.json"), at("two/b.json")];
  const fault = { name: "rename", when, kind: "KILL" };
  const traced = await trace({ argv, cwd: world, env: env() }, at("trace"), fault);
  expect(traced.killed).toBe(true);
}

function leftovers(): string[] {
  return ["one", "two", "home"].flatMap((directory) =>
    readdirSync(at(directory)).filter((name) => name === RECORD || name.includes(".pm-")),
  );
}

function keyIds(): string[] {
  const { files } = JSON.parse(encrypt("status", at("one/a.json"), at("two/b.json")));
  return files.map((file: { secrets: { keyId?: string }[] }) => file.secrets[0]?.keyId);
}

// A rotation renames: the key file that gets a successor (1), three records (2 to 4), the home's that
// says commit (5), the configs (6, 7) and the key file (8), the backups (9, 10).
const COMMITTED = [6, 7, 8, 9, 10];

describe.runIf(hasPython && untraceable === undefined)("a rotation that was killed", () => {
  it.each(COMMITTED)("is finished by hand, at rename %i", async (when) => {
    await kill(when);
    const looked = python("by_hand.py", ["look", at("two")]);
    expect(looked).toMatchObject({ status: 0, stderr: "" });
    expect(looked.stdout).toContain("rotate-key, state commit\n");
    expect(leftovers()).toContain(RECORD);
    expect(python("by_hand.py", ["finish", at("two")])).toMatchObject({ status: 0, stderr: "" });
    expect(leftovers()).toEqual([]);
    const [id, ...others] = keyIds();
    expect(others).toEqual([id]);
    expect(encrypt("backups", "verify", at("one"), at("two"))).toContain("2 backups verified");
    expect(readFileSync(at("home/.proxmox_mcp_key"), "utf8").indexOf(KEY)).toBe(KEY.length + 1);
    expect(encrypt("decrypt", at("one/a.json"), "--field", "/auth/token_value")).toBe(
      `${SECRET}\n`,
    );
  });

  it.each([5, 6, 7, 8])("is undone by hand, at rename %i", async (when) => {
    const [before] = keyIds();
    await kill(when);
    expect(python("by_hand.py", ["undo", at("one")])).toMatchObject({ status: 0, stderr: "" });
    expect(leftovers()).not.toContain(RECORD);
    expect(keyIds()).toEqual([before, before]);
    expect(encrypt("rotate-key", at("one/a.json"), at("two/b.json"))).toContain("Rotated 2 files");
    expect(leftovers()).toEqual([]);
  });

  it("leaves a file alone that somebody changed", async () => {
    await kill(7);
    fse.appendFileSync(at("two/b.json"), "\n");
    const edited = readFileSync(at("two/b.json"), "utf8");
    const { stdout } = python("by_hand.py", ["finish", at("one")]);
    expect(stdout).toContain("two/b.json: another text;");
    expect(readFileSync(at("two/b.json"), "utf8")).toBe(edited);
    expect(leftovers()).toEqual([]);
  });

  it("is not touched where its record is damaged, until the checksum is right again", async () => {
    await kill(7);
    const record = at("one", RECORD);
    writeFileSync(record, readFileSync(record, "utf8").replace("rotate-key", "rotate-kex"));
    expect(python("by_hand.py", ["finish", at("one")])).toMatchObject({
      status: 1,
      stderr: `damaged: ${record}\n`,
    });
    expect(python("checksum.py", [record])).toMatchObject({ status: 0, stderr: "" });
    expect(encrypt("rotate-key", at("one/a.json"), "--resume")).toContain(
      "rotate-kex was finished",
    );
    expect(leftovers()).toEqual([]);
  });
});

describe.runIf(hasPython)("a token opened by hand", () => {
  const cases = [
    ...vectors.good.map(({ master_key, token, plaintext }) => [master_key, token, plaintext]),
    ...vectors.readable.map(({ token, plaintext }) => [KEY, token, plaintext]),
    ...pythonTokens.map(({ master_key, token, plaintext }) => [master_key, token, plaintext]),
  ] as [string, string, string][];

  it("gives the secret of every vector, whichever key it needs", () => {
    expect(cases.length).toBeGreaterThan(20);
    for (const [key, token, plaintext] of cases) {
      writeFileSync(at("keys"), `${OTHER_KEY}\nnext:${key}\n`);
      const { stdout, stderr } = python("open_token.py", [at("keys")], `${token}\n`);
      expect([stdout, stderr], token).toEqual([`${plaintext}\n`, ""]);
    }
  });

  it("says so where no key fits", () => {
    const [first] = cases;
    writeFileSync(at("keys"), `${OTHER_KEY}\n`);
    const { status, stderr } = python("open_token.py", [at("keys")], first?.[1] ?? "");
    expect([status, stderr]).toEqual([1, "no key opens it\n"]);
  });
});
