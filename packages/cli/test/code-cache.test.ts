/** The code cache of a checkout: whatever becomes of it, the program does what its code says. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { BINARY } from "./cli.ts";

/** A copy of the built program. */
function copy(bundle: string, argv: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), "proxmox-mcp-cache-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const dist = join(root, "dist");
  cpSync(join(dirname(BINARY), "../dist"), dist, { recursive: true, preserveTimestamps: true });
  const file = (pattern: RegExp) => {
    const name = readdirSync(dist).find((entry) => pattern.test(entry));
    return name === undefined ? undefined : join(dist, name);
  };
  return {
    cache: file(new RegExp(`^${bundle}\\..*\\.cache$`)),
    code: file(new RegExp(`^${bundle}\\..*\\.code\\.cjs$`)) ?? "",
    run: () => spawnSync(process.execPath, [join(dist, "bin.cjs"), ...argv], { encoding: "utf8" }),
  };
}

describe.each([
  ["everything", ["--help"], "Keep the secrets of Proxmox MCP configs encrypted inside the files."],
  ["everyday", ["status", "--help"], "Show every secret field, its state and age"],
] as const)("the bundle %s", (bundle, argv, words) => {
  test("a program without its cache works", () => {
    const { cache, run } = copy(bundle, argv);
    if (cache !== undefined) rmSync(cache);
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining(words) });
  });

  test("a cache that was cut short is left alone", () => {
    const { cache, run } = copy(bundle, argv);
    if (cache === undefined) return;
    writeFileSync(cache, readFileSync(cache).subarray(0, 1000));
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining(words) });
  });

  test("code that was changed by hand runs, and not what the cache has of it", () => {
    const { code, run } = copy(bundle, argv);
    const changed = words.toUpperCase();
    writeFileSync(code, readFileSync(code, "latin1").replace(words, changed));
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining(changed) });
  });
});
