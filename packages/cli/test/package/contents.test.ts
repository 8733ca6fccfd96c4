/** What is in the tarballs: exactly what is meant to be, and nothing that tells of the machine. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { filesBelow, type PackageName, packed, ROOT, withoutNpm } from "./tarballs.ts";

const NAMES: readonly PackageName[] = ["crypto", "cli", "server"];
const tarballs = packed();

/** A bundle and its code, whose name has a hash of it. */
const bundles = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [`dist/${name}.HASH.code.cjs`, `dist/${name}.cjs`]);

const ALWAYS = ["LICENSE", "README.md", "package.json"];
const BILLS = ["dist/THIRD-PARTY-LICENSES.txt", "dist/sbom.cdx.json"];

const EXPECTED: Readonly<Record<PackageName, () => readonly string[]>> = {
  crypto: () => [
    ...ALWAYS,
    "schema/config.schema.json",
    ...sources("packages/crypto/src")
      .filter((path) => !path.endsWith(".d.ts"))
      .flatMap((path) => [".js", ".d.ts"].map((end) => `dist/${path.replace(/\.ts$/, end)}`)),
  ],
  cli: () => [
    ...ALWAYS,
    ...BILLS,
    "bin/proxmox-mcp-encrypt.cjs",
    ...bundles("bin", "everyday", "everything", "fernet", "leaks"),
    ...bundles("picomatch", "pino", "prompts", "yaml"),
    ...sources("packages/cli/automation").map((path) => `automation/${path}`),
    ...sources("packages/cli/sinks").map((path) => `sinks/${path}`),
  ],
  server: () => [
    ...ALWAYS,
    ...BILLS,
    "bin/proxmox-mcp-server.cjs",
    ...bundles("audit", "health", "health-program", "main", "online"),
    ...bundles("pino", "pino-pretty", "prom-client", "yaml"),
  ],
};

/** Every file below a directory of the repository, by its path from there. */
function sources(directory: string): readonly string[] {
  return filesBelow(join(ROOT, directory));
}

test.each(NAMES)("%s holds exactly these files", (name) => {
  const paths = filesBelow(tarballs.unpacked(name));
  const known = paths.map((path) => path.replace(/\.[0-9a-f]{16}\./, ".HASH."));
  // A file of dist that no source has is left over from an older build: remove dist, and build.
  expect(known.toSorted()).toEqual(EXPECTED[name]().toSorted());
});

test("scripts that may be run as they are in the repository may be so when installed", () => {
  const scripts = tarballs
    .entriesOf("cli")
    .filter(({ path }) => /^(automation|sinks)\//.test(path));
  expect(scripts.length).toBeGreaterThan(10);
  for (const { path, mode } of scripts) {
    const isExecutable = (statSync(join(ROOT, "packages/cli", path)).mode & 0o100) !== 0;
    expect(`${path} ${mode}`).toBe(`${path} ${isExecutable ? "-rwxr-xr-x" : "-rw-r--r--"}`);
  }
});

test.each(NAMES)("%s names no place of the machine that built it", (name) => {
  const places = [ROOT, tmpdir(), process.env["HOME"] ?? ROOT].filter((place) => place.length > 5);
  const unpacked = tarballs.unpacked(name);
  for (const path of filesBelow(unpacked)) {
    const text = readFileSync(join(unpacked, path), "utf8");
    expect(
      places.filter((place) => text.includes(place)),
      path,
    ).toEqual([]);
    expect(text, path).not.toMatch(/sourceMappingURL=/);
  }
});

test.each(NAMES)("%s says who made it, where its source is and how to complain", (name) => {
  const manifest = JSON.parse(readFileSync(join(tarballs.unpacked(name), "package.json"), "utf8"));
  expect(manifest).toMatchObject({
    name: `@proxmox-mcp/${name}`,
    description: expect.stringMatching(/.{40}/),
    keywords: expect.arrayContaining(["proxmox", "mcp"]),
    author: "proxmox-mcp contributors",
    license: "MIT",
    engines: { node: ">=20" },
    repository: { directory: `packages/${name}` },
    publishConfig: { access: "public", provenance: true },
  });
  const repository = manifest.repository.url.replace(/^git\+|\.git$/g, "");
  expect(manifest.homepage).toBe(`${repository}#readme`);
  expect(manifest.bugs.url).toBe(`${repository}/issues`);
  // Bundles bring what they need; the keyring is installed by those who want it.
  const peers = Object.keys(manifest.peerDependencies ?? {});
  for (const peer of peers) expect(manifest.peerDependenciesMeta[peer]).toEqual({ optional: true });
  if (name !== "crypto") expect(manifest).not.toHaveProperty("dependencies");
  for (const hook of ["preinstall", "install", "postinstall", "prepare"]) {
    expect(manifest.scripts).not.toHaveProperty(hook);
  }
});

test("packing again gives the same bytes", () => {
  process.stdout.write(tarballs.report());
  const again = mkdtempSync(join(tmpdir(), "proxmox-mcp-pack-again-"));
  onTestFinished(() => rmSync(again, { recursive: true, force: true }));
  const cwd = join(ROOT, "packages/cli");
  execFileSync("npm", ["pack", "--silent", "--pack-destination", again], {
    cwd,
    env: withoutNpm(process.env),
  });
  const file = tarballs.fileOf("cli");
  expect(readFileSync(join(again, basename(file))).equals(readFileSync(file))).toBe(true);
});
