/** The packed packages, as people run them who have Node and npm: in an empty directory, with an empty home. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { type Registry, startRegistry } from "./registry.ts";
import { type PackageName, packed, ROOT } from "./tarballs.ts";

const tarballs = packed("cli", "server");
const VERSION = /^\d+\.\d+\.\d+\n$/;

interface Newcomer {
  readonly directory: string;
  /** Runs npx to its end, which must be a good one. @returns both streams. */
  npx(argv: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }>;
}

/** @param settings of npm; without a registry it is offline. */
function newcomer(
  settings: Readonly<Record<string, string>> = { npm_config_offline: "true" },
): Newcomer {
  const root = mkdtempSync(join(tmpdir(), "proxmox-mcp-npx-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [directory, home] = [join(root, "work"), join(root, "home")];
  mkdirSync(directory);
  mkdirSync(home);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    npm_config_update_notifier: "false",
    npm_config_audit: "false",
    ...settings,
  };
  return {
    directory,
    npx: (argv) => promisify(execFile)("npx", ["--yes", ...argv], { cwd: directory, env }),
  };
}

test("the program of a tarball by its name, without a network", async () => {
  const { npx } = newcomer();
  const run = ["--package", tarballs.fileOf("cli"), "proxmox-mcp-encrypt", "--version"];
  expect((await npx(run)).stdout).toMatch(VERSION);
});

test.each(["cli", "server"] as const)(
  "the tarball of %s itself, without a network",
  async (name) => {
    const { npx } = newcomer();
    // A package with one program needs no name of it.
    expect((await npx([`file:${tarballs.fileOf(name)}`, "--version"])).stdout).toMatch(VERSION);
  },
);

test("npx @proxmox-mcp/cli: a key, an encrypted config and its state, from one download", async () => {
  const registry = await startRegistry(tarballs);
  const { npx, directory } = newcomer({ npm_config_registry: registry.url });
  cpSync(join(ROOT, "examples/config.example.json"), join(directory, "config.json"));
  const cli = (...argv: readonly string[]) => npx(["@proxmox-mcp/cli", ...argv]);
  await cli("generate-key", "--output", "master.key");
  await cli("encrypt", "config.json", "--key-file", "master.key", "-o", "config.encrypted.json");
  const { stdout } = await cli("status", "config.encrypted.json", "--key-file", "master.key");
  expect(JSON.parse(stdout)).toMatchObject({ phase: "settled" });
  expectOneDownload(registry, "cli");
});

test("npx @proxmox-mcp/server: the connection to a simulated cluster", async () => {
  const registry = await startRegistry(tarballs);
  const { npx } = newcomer({ npm_config_registry: registry.url });
  const { stdout } = await npx(["@proxmox-mcp/server", "test-connection", "--test-mode"]);
  expect(stdout).toContain("Connected.");
  expectOneDownload(registry, "server");
});

/** Nothing but the package itself comes over the wire; of the optional keyring npm only asks what there is. */
function expectOneDownload({ asked }: Registry, name: PackageName): void {
  const tarball = `/@proxmox-mcp/${name}/tarball`;
  expect(asked.filter((path) => path === tarball)).toHaveLength(1);
  const others = new Set(asked.filter((path) => path !== tarball));
  others.delete("/@napi-rs/keyring");
  expect(others).toEqual(new Set([`/@proxmox-mcp/${name}`]));
}
