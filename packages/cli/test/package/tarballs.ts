/** The packages as they are published: packed by the script of a release, and looked into. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";

export type PackageName = "crypto" | "cli" | "server";

export const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** The tarballs, once for each test file. */
export interface Tarballs {
  fileOf(name: PackageName): string;
  /** Paths and modes, as in `-rwxr-xr-x`, in no order. */
  entriesOf(name: PackageName): readonly { readonly path: string; readonly mode: string }[];
  /** The directory that a tarball was unpacked into. */
  unpacked(name: PackageName): string;
  /** What the packing said. */
  readonly report: () => string;
}

/** Packs all or some before the first test of a file, and removes the tarballs after the last one. */
export function packed(...names: readonly PackageName[]): Tarballs {
  const directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-pack-"));
  let report = "";
  beforeAll(() => {
    const script = join(ROOT, "scripts/release-pack.mjs");
    report = execFileSync(process.execPath, [script, directory, ...names], {
      encoding: "utf8",
      env: withoutNpm(process.env),
      stdio: ["ignore", "pipe", "pipe"],
    });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const fileOf = (name: PackageName): string => {
    const isOurs = (entry: string) => entry.startsWith(`proxmox-mcp-${name}-`);
    return join(directory, readdirSync(directory).find(isOurs) ?? `no tarball of ${name}`);
  };
  return {
    fileOf,
    report: () => report,
    entriesOf: (name) =>
      tar("-tvzf", fileOf(name))
        .trim()
        .split("\n")
        .map((line) => ({
          path: line.replace(/^.* package\//, ""),
          mode: line.split(" ")[0] ?? "",
        })),
    unpacked(name) {
      const place = join(directory, name);
      if (!existsSync(place)) {
        mkdirSync(place);
        tar("-xzf", fileOf(name), "-C", place);
      }
      return join(place, "package");
    },
  };
}

/** An environment in which npm has no setting but its own. */
export function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(env).filter(([name]) => !/^npm_/i.test(name));
  return Object.fromEntries(entries);
}

/** Every file below a directory, by its path from there. */
export function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(directory, path)).isFile())
    .map((path) => path.replaceAll("\\", "/"));
}

function tar(...args: readonly string[]): string {
  return execFileSync("tar", args, { encoding: "utf8" });
}
