/** The hooks that the documents show, with real commits: what must not be committed is stopped. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Document, openDocument } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import { leaky } from "../../crypto/test/config/leaks/leaky.ts";
import { BINARY, type Cli, cleanEnvironment, createCli } from "./cli.ts";
import { fencesOf } from "./docs/fences.ts";
import { KEY } from "./material.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const fences = fencesOf(read("docs/cli.md"));
const plainHook = fences.find(({ content }) => content.startsWith("#!/bin/sh\n"))?.content ?? "";
const localConfig = fences.find(({ content }) => content.startsWith("repos:\n"))?.content ?? "";
const { name, version } = JSON.parse(read("packages/cli/package.json"));

function values({ values: all }: Document, location: string): readonly string[] {
  return all
    .filter(
      (value) =>
        value.location.startsWith(location) && value.kind !== "list" && value.kind !== "map",
    )
    .map(({ text }) => text);
}

const hooks = await openDocument(read(".pre-commit-hooks.yaml"), { format: "yaml" });
const command = [...values(hooks, "/0/entry"), ...values(hooks, "/0/args")].join(" ");

// As pre-commit calls a hook: with the names of the files that are staged, all of them in the work tree.
const asPreCommit = `#!/bin/sh
git diff --cached --name-only -z --diff-filter=ACMRT | xargs -0 ${command}
`;

/** A repository with a hook, where the tool is on the path. */
function repository(hook: string): Cli & { git(...args: string[]): ReturnType<typeof spawnSync> } {
  const cli = createCli();
  const bin = join(cli.home, "bin");
  mkdirSync(bin);
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${BINARY}' "$@"\n`;
  writeFileSync(join(bin, "proxmox-mcp-encrypt"), shim);
  chmodSync(join(bin, "proxmox-mcp-encrypt"), 0o755);
  const env = cleanEnvironment(cli.home);
  const git = (...args: string[]) =>
    spawnSync("git", ["-c", "user.name=you", "-c", "user.email=you@example.com", ...args], {
      cwd: cli.directory,
      env: { ...env, PATH: `${bin}:${env["PATH"]}`, GIT_CONFIG_NOSYSTEM: "1" },
      encoding: "utf8",
    });
  git("init", "--quiet");
  cli.write(".git/hooks/pre-commit", hook, 0o755);
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  return { ...cli, git };
}

describe.skipIf(process.platform === "win32").each([
  ["of pre-commit", asPreCommit],
  ["of git alone", plainHook],
])("the hook %s", (_, hook) => {
  test("stops a plain token, and lets the encrypted file pass", async () => {
    const { git, ...cli } = repository(hook);
    cli.write("config.yaml", leaky("auth:\n  user: mcp@pve\n  token_value: @UUID@\n"));
    git("add", "-A");
    const stopped = git("commit", "-m", "one");
    expect(stopped.status).not.toBe(0);
    expect(`${stopped.stdout}${stopped.stderr}`).toContain("config.yaml:3:16 [plain]");
    expect(git("rev-parse", "--verify", "HEAD").status).not.toBe(0);
    expect((await cli.run(["encrypt", "config.yaml", "--in-place"])).status).toBe(0);
    git("add", "-A");
    expect(git("commit", "-m", "one").status).toBe(0);
    expect(git("show", "HEAD:config.yaml").stdout).toContain("token_value: enc:");
  });

  test("stops a file with the name of an option", () => {
    const { git, ...cli } = repository(hook);
    cli.write("--help", leaky("token: @UUID@\n"));
    git("add", "-A");
    expect(git("commit", "-m", "one").status).not.toBe(0);
  });
});

test("pre-commit installs the package in the version of this checkout", async () => {
  const local = await openDocument(localConfig, { format: "yaml" });
  const wanted = [`${name}@${version}`];
  expect(values(hooks, "/0/additional_dependencies")).toEqual(wanted);
  expect(values(local, "/repos/0/hooks/0/additional_dependencies")).toEqual(wanted);
  for (const key of ["id", "entry", "args", "language"]) {
    expect(values(local, `/repos/0/hooks/0/${key}`)).toEqual(values(hooks, `/0/${key}`));
  }
});
