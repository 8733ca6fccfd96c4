/** Single scripts, with answers that no run gives on demand. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { obstacle } from "./world.ts";

const AUTOMATION = fileURLToPath(new URL("../../automation/", import.meta.url));

/** Asks answer.mjs. @returns the lines that it prints. */
function ask(question: readonly string[], result: unknown): readonly string[] {
  const printed = execFileSync(process.execPath, [join(AUTOMATION, "answer.mjs"), ...question], {
    encoding: "utf8",
    input: JSON.stringify(result),
  });
  return printed.split("\n").filter(Boolean);
}

/** Runs a script. @param tool the shell of what stands for the CLI. @param files beside the key. */
function run(script: string, tool: string, files: Readonly<Record<string, string>> = {}) {
  const place = mkdtempSync(join(tmpdir(), "proxmox-mcp-script-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const [bin, work, keys] = ["bin", "work", "keys"].map((name) => {
    mkdirSync(join(place, name));
    return join(place, name);
  }) as [string, string, string];
  writeFileSync(join(bin, "proxmox-mcp-encrypt"), `#!/bin/bash\n${tool}\n`, { mode: 0o755 });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(keys, name), text);
  const env = {
    HOME: place,
    PATH: [bin, process.env["PATH"]].join(delimiter),
    PROXMOX_MCP_KEY_DIRECTORY: keys,
    PROXMOX_MCP_PATHS: "configs",
  };
  execFileSync("git", ["init", "--quiet"], { cwd: work, env });
  return spawnSync("bash", [join(AUTOMATION, script)], { cwd: work, env, encoding: "utf8" });
}

describe.runIf(obstacle === undefined)("the deployments that may be at work", () => {
  const github = (
    nodes: readonly (readonly [string, (string | undefined)?, (string | undefined)?])[],
  ) =>
    ask(["github-deployments"], {
      data: {
        repository: {
          deployments: {
            nodes: nodes.map(([commitOid, state, createdAt]) => ({
              commitOid,
              latestStatus: state === undefined ? null : { state, createdAt },
            })),
          },
        },
      },
    });

  it.each([
    ["none without a success", [["a", "FAILURE", "2026-01-01"]], []],
    [
      "all that have not ended",
      [
        ["a", "SUCCESS", "2026-01-04"],
        ["b", "WAITING", "2026-01-03"],
        ["c", "IN_PROGRESS", "2026-01-02"],
        ["d", "QUEUED", "2026-01-01"],
        ["e", undefined, undefined],
        ["f", "FAILURE", "2026-01-01"],
        ["g", "SUCCESS", "2025-12-31"],
      ],
      ["a", "b", "c", "d", "e"],
    ],
    [
      "what failed after the success, and not what it took the place of",
      [
        ["a", "ERROR", "2026-01-03"],
        ["b", "SUCCESS", "2026-01-01"],
        ["c", "INACTIVE", "2026-01-02"],
      ],
      ["a", "b"],
    ],
    [
      "the success that ended last, not the one that was begun last",
      [
        ["a", "SUCCESS", "2026-01-01"],
        ["b", "SUCCESS", "2026-01-02"],
      ],
      ["b"],
    ],
  ] as const)("on GitHub: %s", (_, nodes, commits) => {
    expect(github(nodes)).toEqual(commits);
  });

  it("on GitLab: by when they ended, and whatever is running, blocked or created", () => {
    const commits = ask(
      ["gitlab-deployments"],
      [
        {
          sha: "a",
          status: "success",
          updated_at: "2026-01-09",
          deployable: { finished_at: "2026-01-01" },
        },
        {
          sha: "b",
          status: "success",
          updated_at: "2026-01-02",
          deployable: { finished_at: "2026-01-02" },
        },
        { sha: "c", status: "blocked", updated_at: "2025-01-01", deployable: null },
        {
          sha: "d",
          status: "created",
          updated_at: "2025-01-01",
          deployable: { finished_at: null },
        },
        { sha: "e", status: "canceled", updated_at: "2025-01-01", deployable: null },
      ],
    );
    expect(commits).toEqual(["b", "c", "d"]);
  });

  it("on GitLab: a merge request from a fork is none of ours", () => {
    const from = (source: number, url: string) => ({
      source_project_id: source,
      target_project_id: 1,
      web_url: url,
    });
    expect(ask(["gitlab-merge-request"], [from(2, "theirs"), from(1, "ours")])).toEqual(["ours"]);
    expect(ask(["gitlab-merge-request"], [from(2, "theirs")])).toEqual([]);
  });

  it("on GitLab: an issue is ours by its whole title, and the first one of several", () => {
    const found = [
      { iid: 11, title: "Keys" },
      { iid: 9, title: "Keys" },
      { iid: 2, title: "Keys of the house" },
      { iid: 1, title: "keys" },
    ];
    expect(ask(["gitlab-issue", "Keys"], found)).toEqual(["9"]);
    expect(ask(["gitlab-issue", "House"], found)).toEqual([]);
  });
});

describe.runIf(obstacle === undefined)("the value of a variable of GitLab", () => {
  const answer = (result: unknown) =>
    spawnSync(process.execPath, [join(AUTOMATION, "answer.mjs"), "gitlab-value"], {
      encoding: "utf8",
      input: JSON.stringify(result),
    });

  it("is printed", () => {
    expect(answer({ value: "a text" })).toMatchObject({
      status: 0,
      stdout: "a text\n",
      stderr: "",
    });
  });

  const values = ["", null, {}, [], ["text"], 5];
  const answers: readonly unknown[] = [
    ...[null, {}, [], "text", 5],
    ...values.map((value) => ({ value })),
  ];
  it.each(answers.map((result) => [result]))("is none in %j", (result) => {
    expect(answer(result)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "error: the variable has no value that can be read\n",
    });
  });
});

describe.runIf(obstacle === undefined)("a script", () => {
  const status = (phase: string, sealedAt: string) =>
    JSON.stringify({
      phase,
      findings: [],
      files: [{ file: "a.json", secrets: [{ location: "/a", opens: true, sealedAt }] }],
    });
  const says = (text: string): string => `cat <<'END'\n${text}\nEND`;

  it("reports a rotation that stands still", () => {
    const { stdout, status: end } = run(
      "check.sh",
      says(status("rotated", "2020-01-01T00:00:00Z")),
    );
    expect(stdout).toMatch(
      /^- a change of keys is not ended: the phase is `rotated`, .* \d{4} days old\n$/,
    );
    expect(end).toBe(7);
  });

  it.each([
    ["settled", "2020-01-01T00:00:00Z"],
    ["rotated", new Date().toISOString()],
  ])("reports nothing of the phase %s since %s", (phase, since) => {
    expect(run("check.sh", says(status(phase, since)))).toMatchObject({ status: 0, stdout: "" });
  });

  it("says in plain words that the tool was killed", () => {
    const { stderr, status: end } = run("decide.sh", "kill -KILL $$");
    expect(stderr).toContain("error: proxmox-mcp-encrypt ended with 137, and said nothing\n");
    expect(stderr).not.toContain("    at ");
    expect(end).toBe(137);
  });

  it("does not take an answer that cannot be read for nothing to publish", () => {
    const rotated = '{ "outcome": "rotated", "newKeyId": "0000aaaa" }';
    const { stdout, status: end } = run("publish.sh", "exit 1", { "rotate.json": rotated });
    expect(stdout).not.toContain("Nothing to publish");
    expect(end).not.toBe(0);
  });

  // GitLab's runner writes a variable of type File so that every user of the job's container reads it.
  it("takes the key into a file of its own, for nobody else", () => {
    const place = mkdtempSync(join(tmpdir(), "proxmox-mcp-script-"));
    onTestFinished(() => rmSync(place, { recursive: true, force: true }));
    const [given, keys] = [join(place, "given"), join(place, "keys")];
    writeFileSync(given, "a text\nof two lines\n");
    chmodSync(given, 0o666);
    const script = `umask 0000; bash '${join(AUTOMATION, "key.sh")}'`;
    const { status, stdout, stderr } = spawnSync("bash", ["-c", script], {
      env: {
        HOME: place,
        PATH: process.env["PATH"],
        PROXMOX_MCP_KEY_DIRECTORY: keys,
        PROXMOX_MCP_MASTER_KEY_FILE: given,
        PROXMOX_MCP_PATHS: "configs",
      },
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(keys, "key"), "utf8")).toBe("a text\nof two lines\n");
    const modes = [keys, join(keys, "key")].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
  });
});
