/** A copy of this repository with an origin of its own, for the scripts of a release. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { ROOT } from "./tarballs.ts";

/** What is published, in that order. */
export const NAMES: readonly string[] = ["crypto", "cli", "server"];

export interface Copy {
  readonly root: string;
  readonly origin: string;
  read(path: string): string;
  write(path: string, text: string): void;
  run(
    command: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): { readonly status: number | null; readonly stdout: string; readonly stderr: string };
  git(...args: readonly string[]): string;
  /** Puts a program of this name before all others. */
  stub(name: string, script: string): void;
  /** What the stubs were called with, a line each. */
  calls(): readonly string[];
}

/** What of the repository its release looks at, in a commit that its origin has. */
export function copyOfRepository(): Copy {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "proxmox-mcp-release-")));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [root, origin, programs] = ["main", "origin.git", "programs"].map((name) =>
    join(base, name),
  ) as [string, string, string];
  mkdirSync(programs);
  const paths = [
    ...["package.json", "pnpm-workspace.yaml", ".changeset", "scripts"],
    ...[".pre-commit-hooks.yaml", "docs/cli.md"],
    ...NAMES.map((name) => `packages/${name}/package.json`),
  ];
  for (const path of paths) cpSync(join(ROOT, path), join(root, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  writeFileSync(join(root, ".gitignore"), "node_modules\n");
  const copy: Copy = {
    root,
    origin,
    read: (path) => readFileSync(join(root, path), "utf8"),
    write: (path, text) => writeFileSync(join(root, path), text),
    run: ([program = "", ...args], env = {}) =>
      spawnSync(program, args, {
        cwd: root,
        encoding: "utf8",
        env: {
          PATH: `${programs}:${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`,
          HOME: base,
          CALLS: join(base, "calls"),
          ...env,
        },
      }),
    git(...args) {
      const identity = ["-c", "user.name=example", "-c", "user.email=example@example.org"];
      const { status, stdout, stderr } = copy.run(["git", ...identity, ...args]);
      expect(status, stderr).toBe(0);
      return stdout.trim();
    },
    stub: (name, script) =>
      writeFileSync(join(programs, name), `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 }),
    calls: () =>
      existsSync(join(base, "calls")) ? readFileSync(join(base, "calls"), "utf8").split("\n") : [],
  };
  copy.git("init", "--quiet", "--initial-branch=main");
  copy.git("init", "--quiet", "--bare", origin);
  copy.git("remote", "add", "origin", origin);
  copy.git("add", ".");
  copy.git("commit", "--quiet", "--message", "example");
  copy.git("push", "--quiet", "origin", "main");
  return copy;
}

/** The version of all packages. */
export function versionOf(copy: Copy): string {
  return JSON.parse(copy.read("packages/cli/package.json")).version;
}
