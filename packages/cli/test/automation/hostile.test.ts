/** What people, forks, stores and unlucky moments do to a rotation in CI. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, it } from "vitest";
import { OTHER_KEY } from "../material.ts";
import { FIRST_KEY, PLAIN, sealTexts } from "./configs.ts";
import {
  byHand,
  createRotation,
  type GithubRotation,
  QUARTERLY,
  STORE,
  WEEKLY,
} from "./github/rotation.ts";
import { keysIn } from "./keys.ts";
import type { RunEnd } from "./rotation.ts";
import { PULLS, pulls, SECRETS } from "./stubs/gh.ts";
import { writeState } from "./stubs/state.ts";
import { type Cli, createWorld, obstacle, PATIENCE, packCli, type World } from "./world.ts";

let cli: Cli;
/** A world in which a rotation is proposed. */
let proposed: World;
const goAway: (() => void)[] = [];
beforeAll(async () => {
  if (obstacle !== undefined) return;
  cli = packCli((go) => goAway.push(go));
  proposed = await createWorld((go) => goAway.push(go));
  await createRotation({ world: proposed, cli }).run(QUARTERLY);
}, PATIENCE);
afterAll(() => {
  for (const go of goAway) go();
});

type WhenFinished = (go: () => void) => void;

/** A repository with one key. */
async function begin(
  onTestFinished: WhenFinished,
  variables: Readonly<Record<string, string>> = {},
): Promise<GithubRotation> {
  return createRotation({ world: await createWorld(onTestFinished), cli, variables });
}

/** The same, with a pull request of a rotation. */
async function afterProposal(
  onTestFinished: WhenFinished,
  variables: Readonly<Record<string, string>> = {},
): Promise<GithubRotation> {
  const world = await createWorld(onTestFinished, { like: proposed });
  return createRotation({ world, cli, variables });
}

/** The same, merged and deployed. */
async function afterMerge(
  onTestFinished: WhenFinished,
  variables: Readonly<Record<string, string>> = {},
): Promise<GithubRotation> {
  const rotation = await afterProposal(onTestFinished, variables);
  rotation.mergeAll("keep branch");
  rotation.deploy();
  return rotation;
}

function calledSink({ labels }: RunEnd): boolean {
  return labels.some((label) => label.includes("gh secret set"));
}

function branchOf({ world }: GithubRotation): string {
  return Object.keys(world.repository.branches()).find((name) => name !== "main") ?? "";
}

const RETIRE = byHand("retire", true);
const elsewhere = { "elsewhere/config.json": PLAIN["configs/config.json"] ?? "" };

describe
  .runIf(obstacle === undefined)
  .concurrent("an old key is kept", { timeout: PATIENCE }, () => {
    it("while a file beside the named paths needs it", async ({ expect, onTestFinished }) => {
      const rotation = await afterMerge(onTestFinished);
      const { repository } = rotation.world;
      repository.commit("main", sealTexts(elsewhere), "Elsewhere");
      const branches = repository.branches();
      rotation.deploy();
      // Nobody confirms it: what is deployed has that file, too.
      const weekly = await rotation.run(WEEKLY);
      expect(weekly.printed).toContain("elsewhere/config.json");
      expect(weekly.printed).toContain("no old key is retired");

      const run = await rotation.run(RETIRE);
      expect(run.jobs["keys"]?.result).toBe("failure");
      expect(calledSink(run)).toBe(false);
      expect(keysIn(rotation.keyText())).toHaveLength(2);
      expect(run.printed).toContain("elsewhere/config.json:");
      // The branch of the rotation goes only with the key.
      expect(repository.branches()).toEqual(branches);
    });

    it("while a token of the configs opens with no key", async ({ expect, onTestFinished }) => {
      const rotation = await afterMerge(onTestFinished);
      const foreign = { "configs/foreign.json": PLAIN["configs/config.json"] ?? "" };
      rotation.world.repository.commit("main", sealTexts(foreign, OTHER_KEY), "Foreign");
      const run = await rotation.run(RETIRE);
      expect(run.printed).toContain("tokens do not open with the key text of the store");
      expect(run.printed).toContain("configs/foreign.json");
      expect(calledSink(run)).toBe(false);
    });

    it("while another branch needs it", async ({ expect, onTestFinished }) => {
      const rotation = await afterMerge(onTestFinished);
      const { repository } = rotation.world;
      repository.commit("feature", sealTexts(PLAIN), "Work of last month");
      repository.commit("pages", { "index.html": "<p>No configs</p>\n" }, "Pages");
      const run = await rotation.run(RETIRE);
      expect(run.printed).toContain("branches may need it: feature. ");
      expect(calledSink(run)).toBe(false);

      repository.delete("feature");
      await rotation.run(RETIRE);
      expect(keysIn(rotation.keyText())).toHaveLength(1);
    });

    it("while a deployment of it waits", async ({ expect, onTestFinished }) => {
      const rotation = await afterProposal(onTestFinished);
      rotation.deploy("WAITING");
      rotation.mergeAll();
      rotation.deploy();
      const run = await rotation.run(WEEKLY);
      expect(run.printed).toContain("production has, or is getting,");
      expect(run.printed).toContain("no old key is retired");
      expect(calledSink(run)).toBe(false);
    });

    it("where the key's own environment is named, in any case, to confirm it", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await afterMerge(onTestFinished, {
        PROXMOX_MCP_DEPLOYMENT_ENVIRONMENT: "Proxmox-MCP-Key",
      });
      const run = await rotation.run(WEEKLY);
      expect(run.jobs["keys"]?.result).toBe("failure");
      expect(run.printed).toContain("Proxmox-MCP-Key is the environment of the key");
    });
  });

describe
  .runIf(obstacle === undefined)
  .concurrent("the branch of a rotation", { timeout: PATIENCE }, () => {
    it("stays when the key is retired, if it holds what somebody did not merge", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await afterMerge(onTestFinished);
      const { repository } = rotation.world;
      const branch = branchOf(rotation);
      const commit = repository.commit(branch, { "notes.md": "# Notes\n" }, "Notes");
      const run = await rotation.run(RETIRE);
      expect(run.printed).toContain(`warning: ${branch} stays`);
      expect(keysIn(rotation.keyText())).toHaveLength(1);
      expect(repository.branches()[branch]).toBe(commit);
    });

    it.for([
      ["a commit of somebody", "README.md", "Words", "holds commits that are not ours"],
      ["a file that is no config", "README.md", "ours", "changes README.md"],
      ["another host", "configs/config.json", "ours", "more than sealed values"],
    ] as const)(
      "is neither taken nor replaced with %s",
      async ([, file, message, words], { expect, onTestFinished }) => {
        const rotation = await afterProposal(onTestFinished);
        const { repository } = rotation.world;
        const branch = branchOf(rotation);
        const id = branch.split("-").at(-1);
        const text = repository.files(branch)[file] ?? "";
        const changed = text.replace(/pve\.example|Configs/, "evil.example");
        const trailer = message === "ours" ? `seal\n\nProxmox-MCP-Rotation: ${id}` : message;
        const commit = repository.commit(branch, { [file]: changed }, trailer);
        const run = await rotation.run(byHand("rotate"));
        expect(run.jobs["keys"]?.result).toBe("failure");
        expect(run.printed).toContain(words);
        expect(repository.branches()[branch]).toBe(commit);
      },
    );

    it("is ours still after a merge of the default branch", async ({ expect, onTestFinished }) => {
      const rotation = await afterProposal(onTestFinished);
      const { repository } = rotation.world;
      const branch = branchOf(rotation);
      const main = repository.commit("main", { "README.md": "# Other words\n" }, "Words");
      // As the button of the pull request does it.
      const git = (...argv: readonly string[]): string =>
        execFileSync("git", ["-C", repository.path, ...argv], { encoding: "utf8" }).trim();
      const tree = git("merge-tree", "--write-tree", branch, "main");
      const who = ["-c", "user.name=Example Maintainer", "-c", "user.email=maintainer@example.com"];
      const parents = ["-p", branch, "-p", main];
      const commit = git(...who, "commit-tree", tree, ...parents, "-m", "Merge main");
      git("update-ref", `refs/heads/${branch}`, commit);
      const { ok, printed } = await rotation.run(byHand("rotate"));
      expect(ok).toBe(true);
      expect(printed).toContain(`${branch} holds all of it already.`);
      expect(repository.branches()[branch]).toBe(commit);
    });

    it("is not proposed by a pull request from a fork", async ({ expect, onTestFinished }) => {
      const rotation = await afterProposal(onTestFinished);
      const { directory } = rotation.world;
      const [pull] = pulls(directory);
      writeState(directory, PULLS, [{ ...pull, isCrossRepository: true }]);
      await rotation.run(byHand("rotate"));
      expect(pulls(directory)).toMatchObject([
        { isCrossRepository: true },
        { head: branchOf(rotation), state: "OPEN" },
      ]);
    });
  });

describe.runIf(obstacle === undefined).concurrent("a rotation", { timeout: PATIENCE }, () => {
  it("is not proposed where the store has lost the old key", async ({ expect, onTestFinished }) => {
    const rotation = await begin(onTestFinished);
    const { directory } = rotation.world;
    writeState(directory, SECRETS, { lines: 1 });
    const [first] = keysIn(FIRST_KEY);
    const run = await rotation.run(QUARTERLY);
    expect(run.jobs["verify"]?.result).toBe("failure");
    expect(run.printed).toContain(`the store has lost the key ${first?.id}`);
    expect(pulls(directory)).toEqual([]);
  });

  it("looks again whether its text is new, after the key is made", async ({
    expect,
    onTestFinished,
  }) => {
    const rotation = await begin(onTestFinished);
    const { labels } = await rotation.run(QUARTERLY);
    const at = (words: string): number => labels.findIndex((label) => label.includes(words));
    const last = labels.findLastIndex((label) => /rotate: git .*ls-remote/.test(label));
    expect(at("prepare-key")).toBeLessThan(last);
    expect(last).toBeLessThan(at("rotate-key-all --yes"));
  });

  it("installs nothing that a checkout holds", async ({ expect, onTestFinished }) => {
    const rotation = await begin(onTestFinished, { PROXMOX_MCP_PACKAGE: "README.md" });
    const { ok } = await rotation.run(QUARTERLY);
    expect(ok).toBe(true);
  });

  it.for([
    ["a config", "configs/link.json", "../elsewhere/config.json"],
    ["a directory", "configs/more", "../elsewhere"],
  ] as const)(
    "refuses a link to %s elsewhere, before a key is made",
    async ([, link, target], { expect, onTestFinished }) => {
      const rotation = await begin(onTestFinished);
      const { repository } = rotation.world;
      repository.commit("main", sealTexts(elsewhere), "Elsewhere");
      repository.commit("main", { [link]: target }, "Link", "120000");
      const run = await rotation.run(QUARTERLY);
      expect(run.jobs["keys"]?.result).toBe("failure");
      expect(run.printed).toContain(`what is there: ${link}. `);
      expect(calledSink(run)).toBe(false);
    },
  );

  it("goes on with a link to what is rotated anyway", async ({ expect, onTestFinished }) => {
    const rotation = await begin(onTestFinished);
    const { repository } = rotation.world;
    repository.commit("main", { "configs/link.json": "config.json" }, "Link", "120000");
    expect((await rotation.run(QUARTERLY)).ok).toBe(true);
  });

  it("publishes a file whose name is a pattern of git", async ({ expect, onTestFinished }) => {
    const rotation = await begin(onTestFinished, { PROXMOX_MCP_PATHS: ":x.json" });
    const { repository } = rotation.world;
    const odd = sealTexts({ ":x.json": PLAIN["configs/config.json"] ?? "" });
    repository.commit("main", odd, "Odd");
    expect((await rotation.run(QUARTERLY)).ok).toBe(true);
    expect(repository.changed(branchOf(rotation))).toEqual([":x.json"]);
  });

  it("is left alone by a check", async ({ expect, onTestFinished }) => {
    const rotation = await begin(onTestFinished);
    rotation.world.write(`stores/${STORE}`, FIRST_KEY);
    const { jobs } = await rotation.run(byHand("check"));
    expect([jobs["keys"]?.result, jobs["check"]?.result]).toEqual(["skipped", "success"]);
  });
});
