import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { leaky, VALUES } from "../../../crypto/test/config/leaks/leaky.ts";
import { type Cli, cleanEnvironment, createCli } from "../cli.ts";
import { leakDetector } from "../leaks.ts";
import { BOUND, config } from "../material.ts";

const leaks = leakDetector(VALUES);
const LEAK = leaky("auth:\n  token_value: @UUID@\n");

/** A repository of its own, in a place of its own. */
function repository(): Cli & { git(...args: string[]): string } {
  const cli = createCli();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=you", "-c", "user.email=you@example.com", ...args], {
      cwd: cli.directory,
      env: { ...cleanEnvironment(cli.home), GIT_CONFIG_NOSYSTEM: "1" },
      encoding: "utf8",
      stdio: "pipe",
    });
  git("init", "--quiet");
  return { ...cli, git };
}

async function staged(cli: Cli, ...argv: string[]) {
  const outcome = await cli.run(["scan", "--staged", ...argv]);
  expect(leaks(outcome.stdout + outcome.stderr)).toEqual([]);
  return outcome;
}

describe("scan --staged", () => {
  test("looks at what the next commit takes, and not at the work tree", async () => {
    const cli = repository();
    cli.write("staged.yaml", LEAK);
    cli.git("add", "staged.yaml");
    cli.write("staged.yaml", "auth: {}\n");
    cli.write("other.yaml", LEAK);
    const { status, stdout, stderr } = await staged(cli);
    expect(stdout).toBe(
      "staged.yaml:2:16 [plain] /auth/token_value is a secret in plain text: encrypt it\n",
    );
    expect(stderr).toContain("1 finding in 1 file.");
    expect(status).toBe(7);
    cli.git("add", "staged.yaml");
    expect(await staged(cli)).toMatchObject({ status: 0, stderr: "No findings in 1 file.\n" });
  });

  test("looks at nothing that is committed already, or deleted", async () => {
    const cli = repository();
    cli.write("old.yaml", LEAK);
    cli.write("gone.yaml", LEAK);
    cli.git("add", "-A");
    cli.git("commit", "--quiet", "-m", "before there was a scan");
    cli.write("new.json", config(BOUND.token));
    symlinkSync("old.yaml", cli.path("link.yaml"));
    cli.git("add", "-A");
    cli.git("rm", "--quiet", "gone.yaml");
    expect(await staged(cli)).toMatchObject({ status: 0, stderr: "No findings in 1 file.\n" });
  });

  test("takes the allow list that is staged, too", async () => {
    const cli = repository();
    cli.write("fixtures/a.yaml", LEAK);
    cli.write(".proxmox-mcp-allow", "fixtures/**\n");
    cli.git("add", "fixtures");
    expect((await staged(cli)).status).toBe(7);
    cli.git("add", "-A");
    expect((await staged(cli)).status).toBe(0);
    cli.git("commit", "--quiet", "-m", "one");
    cli.write("fixtures/b.yaml", LEAK);
    cli.git("add", "-A");
    expect((await staged(cli)).status).toBe(0);
  });

  test("finds keys, leftovers, binary and large files by the same rules", async () => {
    const cli = repository();
    cli.write(".proxmox_mcp_key", leaky("@KEY@\n"));
    cli.write("a.json.backup.20260131_120000", config(BOUND.token));
    cli.write("a.png", new Uint8Array([1, 0]));
    cli.write("large.txt", `${LEAK}${"x".repeat(4 * 1024 * 1024)}`);
    cli.git("add", "-A", "-f");
    const { stdout, stderr } = await staged(cli);
    expect(stdout.match(/^\S+ \[[a-z-]+\]/gm)).toEqual([
      ".proxmox_mcp_key:1:1 [key-file]",
      "a.json.backup.20260131_120000:1:1 [leftover]",
    ]);
    expect(stderr).toMatch(
      /^Skipped a\.png: it is binary\nSkipped large\.txt: it is larger than 4 MiB\n/,
    );
  });

  test("reads a thousand files in one run", async () => {
    const cli = repository();
    for (let index = 0; index < 1000; index += 1) cli.write(`d${index % 10}/${index}.yaml`, LEAK);
    cli.git("add", "-A");
    const { stdout } = await staged(cli, "--json");
    const { files, findings } = JSON.parse(stdout);
    expect({ files, findings: findings.length }).toEqual({ files: 1000, findings: 1000 });
  });

  test("is refused outside of a repository", async () => {
    const { status, stdout, stderr } = await staged(createCli());
    expect({ status, stdout }).toEqual({ status: 5, stdout: "" });
    expect(stderr).toContain("this directory is in no git repository");
  });

  test("is refused where there is no git", async () => {
    const { status, stderr } = await createCli().run(["scan", "--staged"], {
      env: { PATH: "/none" },
    });
    expect(status).toBe(5);
    expect(stderr).toContain(
      "git cannot be started: no such file or directory. Way out: install git",
    );
  });
});
