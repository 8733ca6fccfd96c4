/** What a commit on main asks for, and the pull request with the next version. gh is a stub. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Copy, copyOfRepository, NAMES, versionOf } from "./repository-copy.ts";

function makeVersion(copy: Copy): string {
  // Whatever waits in this repository, and at least this.
  const all = NAMES.map((name) => `"@proxmox-mcp/${name}": minor`).join("\n");
  copy.write(".changeset/example.md", `---\n${all}\n---\n\nAn example of a change.\n`);
  const script = JSON.parse(copy.read("package.json")).scripts["version:all"];
  const { status, stdout, stderr } = copy.run(["sh", "-c", script]);
  expect(status, stdout + stderr).toBe(0);
  return versionOf(copy);
}

const plan = (copy: Copy) => copy.run([process.execPath, "scripts/release-plan.mjs"]);

describe("what a commit asks for", () => {
  test("changesets: a version of them, the same for all packages, with a changelog each", () => {
    const copy = copyOfRepository();
    const before = versionOf(copy);
    const version = makeVersion(copy);
    expect(version).not.toBe(before);
    for (const name of NAMES) {
      expect(JSON.parse(copy.read(`packages/${name}/package.json`)).version).toBe(version);
      const changelog = copy.read(`packages/${name}/CHANGELOG.md`);
      expect(changelog).toContain(`# @proxmox-mcp/${name}\n\n## ${version}\n`);
      expect(changelog).toContain("An example of a change.");
    }
    expect(copy.read(".pre-commit-hooks.yaml")).toContain(`"@proxmox-mcp/cli@${version}"`);
    expect(readdirSync(join(copy.root, ".changeset")).filter((name) => /\.md$/.test(name))).toEqual(
      [],
    );
  });

  test("in turn: to propose a version, to publish it, and nothing once it has a tag", () => {
    const copy = copyOfRepository();
    copy.write(".changeset/example.md", "---\n---\n");
    expect(plan(copy).stdout).toMatch(/^step=propose\nversion=/);
    const version = makeVersion(copy);
    copy.write(".changeset/README.md", "no changeset\n");
    expect(plan(copy).stdout).toBe(`step=publish\nversion=${version}\n`);
    copy.git("push", "--quiet", "origin", `HEAD:refs/tags/v${version}-rc.1`);
    expect(plan(copy).stdout).toBe(`step=publish\nversion=${version}\n`);
    copy.git("push", "--quiet", "origin", `HEAD:refs/tags/v${version}`);
    expect(plan(copy).stdout).toBe(`step=none\nversion=${version}\n`);
  });

  test("an origin that does not answer, or packages that differ, are no reason to publish", () => {
    const copy = copyOfRepository();
    makeVersion(copy);
    copy.git("remote", "set-url", "origin", join(copy.root, "nowhere"));
    expect(plan(copy)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("the tags cannot be asked for"),
    });
    const manifest = JSON.parse(copy.read("packages/cli/package.json"));
    copy.write("packages/cli/package.json", JSON.stringify({ ...manifest, version: "9.9.9" }));
    expect(plan(copy)).toMatchObject({ status: 1, stdout: "" });
  });
});

describe("proposing a version", () => {
  const env = { GH_TOKEN: "example-token", GITHUB_REPOSITORY: "example/example" };

  function propose(copy: Copy, version: string) {
    return copy.run(["bash", "scripts/release-propose.sh"], {
      ...env,
      VERSION: version,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `url.${copy.origin}.insteadOf`,
      GIT_CONFIG_VALUE_0: "https://github.com/example/example",
    });
  }
  const GH = `printf '%s ' "$@" >>"$CALLS"; echo >>"$CALLS"
case "$1 $2" in
  "pr list") [[ ! -f $CALLS.open ]] || cat "$CALLS.open" ;;
  "pr create") echo https://github.com/example/example/pull/1 | tee "$CALLS.open" ;;
esac`;

  test("pushes the branch and opens a pull request; the next time it is the same one", () => {
    const copy = copyOfRepository();
    copy.stub("gh", GH);
    const version = makeVersion(copy);
    copy.write("stray", "nothing of the release\n");
    const first = propose(copy, version);
    expect(first.status, first.stderr).toBe(0);
    const main = copy.git("rev-parse", "origin/main");
    const changed = copy.git(
      `--git-dir=${copy.origin}`,
      "diff",
      "--name-only",
      main,
      "release/next",
    );
    expect(changed.split("\n").filter((path) => !path.startsWith(".changeset/"))).toEqual([
      ".pre-commit-hooks.yaml",
      "docs/cli.md",
      ...["cli", "crypto", "server"].flatMap((name) => [
        `packages/${name}/CHANGELOG.md`,
        `packages/${name}/package.json`,
      ]),
    ]);
    expect(copy.calls().filter((call) => /^pr create /.test(call))).toEqual([
      expect.stringContaining(`--head release/next --base main --title Version ${version} `),
    ]);
    expect(copy.calls()).toContain(
      "workflow run ci.yml --repo example/example --ref release/next ",
    );

    // Another change comes to main; the branch begins there.
    copy.git("reset", "--quiet", "--hard", main);
    const next = makeVersion(copy);
    const second = propose(copy, next);
    expect(second.status, second.stderr).toBe(0);
    expect(copy.calls().filter((call) => /^pr create /.test(call))).toHaveLength(1);
    expect(copy.calls().filter((call) => /^pr edit /.test(call))).toHaveLength(1);
    expect(copy.git(`--git-dir=${copy.origin}`, "rev-parse", "release/next^")).toBe(main);
    expect(copy.calls().join("\n")).not.toContain("example-token");
  });
});
