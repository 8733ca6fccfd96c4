/** What can be found in a repository and its stores when a run in CI begins. */
import { afterAll, beforeAll, describe, it } from "vitest";
import { BOUND, config } from "../material.ts";
import { FIRST_KEY, PLAIN, sealTexts } from "./configs.ts";
import { FOR_WORKFLOW } from "./github/app.ts";
import {
  byHand,
  createRotation,
  type GithubRotation,
  QUARTERLY,
  type RotationOptions,
  STEPS,
  STORE,
  WEEKLY,
} from "./github/rotation.ts";
import { atAnyTime, whenSettled } from "./invariants.ts";
import { keysIn } from "./keys.ts";
import { ATTENTION, FAILED, type RunEnd } from "./rotation.ts";
import { issues, pulls } from "./stubs/gh.ts";
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
  options: Omit<RotationOptions, "world" | "cli"> = {},
): Promise<GithubRotation> {
  return createRotation({ world: await createWorld(onTestFinished), cli, ...options });
}

/** The same, with a pull request of a rotation. */
async function afterProposal(onTestFinished: WhenFinished): Promise<GithubRotation> {
  return createRotation({ world: await createWorld(onTestFinished, { like: proposed }), cli });
}

function calledSink({ labels }: RunEnd): boolean {
  return labels.some((label) => label.includes("gh secret set"));
}

describe
  .runIf(obstacle === undefined)
  .concurrent("a run in GitHub Actions", { timeout: PATIENCE }, () => {
    it("stops at an empty secret, and tells", async ({ expect, onTestFinished }) => {
      const rotation = await begin(onTestFinished);
      const { directory } = rotation.world;
      // Not by a sink: somebody made a mistake in the settings.
      rotation.world.write(`stores/${STORE}`, " \n");

      const run = await rotation.run(QUARTERLY);
      expect(run.jobs["keys"]?.result).toBe("failure");
      expect(run.printed).toContain("error: there is no master key");
      expect(calledSink(run)).toBe(false);
      expect(rotation.keyText()).toBe(" \n");
      expect(issues(directory).map(({ title }) => title)).toEqual([FAILED]);
    });

    it("stores nothing without the token of the App, and goes on when it works again", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await begin(onTestFinished);
      const { directory } = rotation.world;
      writeState(directory, "app.json", { works: false });

      for (const count of [1, 2]) {
        const run = await rotation.run(QUARTERLY);
        expect(run.jobs["keys"]?.result).toBe("failure");
        expect(calledSink(run)).toBe(false);
        expect(issues(directory)).toMatchObject([{ title: FAILED, state: "OPEN" }]);
        expect(issues(directory)[0]?.texts).toHaveLength(count);
      }

      writeState(directory, "app.json", { works: true });
      await rotation.run(QUARTERLY);
      expect(rotation.openPulls()).toHaveLength(1);
      const { faults, keyIds } = await atAnyTime(rotation);
      expect([faults, keyIds.length]).toEqual([[], 2]);
    });

    it("stores nothing if the App may not do all that the page names, and tells", async ({
      expect,
      onTestFinished,
    }) => {
      const { environments: _, ...app } = FOR_WORKFLOW;
      const rotation = await begin(onTestFinished, { app });
      const run = await rotation.run(QUARTERLY);
      expect(run.jobs["keys"]?.result).toBe("failure");
      expect(run.printed).toContain("HTTP 422");
      expect(calledSink(run)).toBe(false);
      expect(rotation.keyText()).toBe(FIRST_KEY);
      expect(issues(rotation.world.directory)).toMatchObject([{ title: FAILED, state: "OPEN" }]);
    });

    it("leaves an open pull request as it is, and makes no second key", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await afterProposal(onTestFinished);
      const { directory, repository } = rotation.world;
      const [branches, keyText] = [repository.branches(), rotation.keyText()];

      for (const event of [QUARTERLY, byHand("rotate")]) {
        expect(calledSink(await rotation.run(event))).toBe(false);
      }
      expect(repository.branches()).toEqual(branches);
      expect(pulls(directory)).toHaveLength(1);
      expect(rotation.keyText()).toBe(keyText);
      expect((await atAnyTime(rotation)).keyIds).toHaveLength(2);
    });

    it("retires nothing before it is deployed, nor when the deployment failed", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await afterProposal(onTestFinished);
      rotation.deploy();
      rotation.mergeAll();

      // What is deployed is the commit before the merge.
      const scheduled = await rotation.run(WEEKLY);
      expect(scheduled.jobs["keys"]?.result).toBe("success");
      expect(scheduled.printed).toContain("no old key is retired");
      rotation.deploy("FAILURE");
      const forced = await rotation.run(byHand("retire"));
      expect(forced.jobs["keys"]?.result).toBe("failure");
      expect(issues(rotation.world.directory)).toMatchObject([{ title: FAILED }]);
      expect(keysIn(rotation.keyText())).toHaveLength(2);
      expect((await atAnyTime(rotation)).faults).toEqual([]);

      const told = await rotation.run(byHand("retire", true));
      expect(told.jobs["keys"]?.result).toBe("success");
      // Whoever confirmed it was right.
      rotation.deploy();
      expect(await whenSettled(rotation)).toEqual([]);
    });

    it.for(["squash", "keep branch"] as const)(
      "retires after a merge that is done by %s",
      async (how, { expect, onTestFinished }) => {
        const rotation = await afterProposal(onTestFinished);
        expect(rotation.mergeAll(how)).toBe(1);
        rotation.deploy();
        await rotation.run(byHand("retire"));
        expect(await whenSettled(rotation)).toEqual([]);
      },
    );

    it("takes along what changed on main while the pull request was open", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await afterProposal(onTestFinished);
      const { repository } = rotation.world;
      const { main: _, ...branches } = repository.branches();
      // A file that is none of its business leaves the branch as it is.
      repository.commit("main", { "README.md": "# Other words\n" }, "Words");
      await rotation.run(byHand("rotate"));
      expect(repository.branches()).toMatchObject(branches);

      const changed = PLAIN["configs/config.json"]?.replace("pve.example", "pve2.example") ?? "";
      const added = { "configs/new.env": "PROXMOX_TOKEN_SECRET=example-secret-of-a-new-host\n" };
      repository.commit("main", sealTexts({ "configs/config.json": changed, ...added }), "Configs");
      rotation.plain = { ...PLAIN, ...added, "configs/config.json": changed };
      await rotation.run(byHand("rotate"));
      // The branch was made anew: it merges, and has everything.
      expect(rotation.mergeAll()).toBe(1);
      rotation.deploy();
      await rotation.run(byHand("retire"));
      expect(await whenSettled(rotation)).toEqual([]);
      expect(pulls(rotation.world.directory)).toHaveLength(1);
    });

    it("catches up with a config of the old key that came after the merge", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await afterProposal(onTestFinished);
      rotation.mergeAll("keep branch");
      const added = { "configs/late.env": "PROXMOX_TOKEN_SECRET=example-secret-of-a-late-host\n" };
      rotation.world.repository.commit("main", sealTexts(added), "Late");
      rotation.plain = { ...PLAIN, ...added };
      rotation.deploy();
      expect((await rotation.run(byHand("retire"))).jobs["keys"]?.result).toBe("failure");

      await rotation.run(byHand("rotate"));
      expect(rotation.mergeAll()).toBe(1);
      rotation.deploy();
      await rotation.run(byHand("retire"));
      expect(await whenSettled(rotation)).toEqual([]);
    });

    it("refuses a key text that is older than the branch of a rotation", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await afterProposal(onTestFinished);
      rotation.world.write(`stores/${STORE}`, FIRST_KEY);
      const run = await rotation.run(QUARTERLY);
      expect(run.jobs["keys"]?.result).toBe("failure");
      expect(run.printed).toContain("may be older than the store");
      expect(calledSink(run)).toBe(false);
    });

    it("rotates a second time after the first key is retired", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await afterProposal(onTestFinished);
      rotation.mergeAll();
      rotation.deploy();
      await rotation.run(byHand("retire"));
      // A week in which nothing is to be done.
      expect(calledSink(await rotation.run(WEEKLY))).toBe(false);
      expect(rotation.openPulls()).toEqual([]);

      await rotation.run(byHand("rotate"));
      expect(rotation.mergeAll()).toBe(1);
      rotation.deploy();
      await rotation.run(byHand("retire"));
      expect(await whenSettled(rotation, 2)).toEqual([]);
      expect(issues(rotation.world.directory)).toEqual([]);
    });

    it.for([
      ["the workflow", {}],
      ["the action", STEPS],
    ] as const)(
      "tells of a token that is too old in one issue, and closes it if it may be that old: %s",
      async ([, workflow], { expect, onTestFinished }) => {
        const rotation = await begin(onTestFinished, workflow);
        const { world } = rotation;
        const old = { "configs/config.json": config(BOUND.token) };
        world.repository.commit("main", old, "Sealed in 2023");
        const line = "- `configs/config.json /auth/token_value`: too-old\n";
        for (const texts of [[line], [line, line]]) {
          const run = await rotation.run(byHand("check"));
          expect(run.jobs["check"]?.result).toBe("success");
          expect(issues(world.directory)).toMatchObject([
            { title: ATTENTION, state: "OPEN", texts },
          ]);
        }
        expect((await atAnyTime(rotation)).faults).toEqual([]);

        const variables = { PROXMOX_MCP_MAX_AGE: "36500d" };
        await createRotation({ world, cli, ...workflow, variables }).run(byHand("check"));
        expect(issues(world.directory)).toMatchObject([{ title: ATTENTION, state: "CLOSED" }]);
      },
    );

    it("tells of secrets in plain text in one issue, and closes it when they are sealed", async ({
      expect,
      onTestFinished,
    }) => {
      const rotation = await begin(onTestFinished);
      const { directory, repository } = rotation.world;
      const plain = { "configs/plain.json": PLAIN["configs/config.json"] ?? "" };
      repository.commit("main", plain, "Forgotten");
      for (const count of [1, 2]) {
        await rotation.run(byHand("check"));
        expect(issues(directory)).toMatchObject([{ state: "OPEN" }]);
        expect(issues(directory)[0]?.texts).toHaveLength(count);
      }
      expect(issues(directory)[0]?.texts[0]).toContain("configs/plain.json");
      repository.commit("main", sealTexts(plain), "Sealed");
      await rotation.run(byHand("check"));
      expect(issues(directory)).toMatchObject([{ state: "CLOSED" }]);
    });
  });
