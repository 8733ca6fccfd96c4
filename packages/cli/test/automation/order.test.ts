/** The whole order of a rotation in CI, by the very files that are shipped. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createRotation, QUARTERLY, REPOSITORY, STEPS, WEEKLY } from "./github/rotation.ts";
import { atAnyTime, whenSettled } from "./invariants.ts";
import { keysIn } from "./keys.ts";
import { isSettled } from "./rotation.ts";
import { issues } from "./stubs/gh.ts";
import { type Cli, createWorld, obstacle, PATIENCE, packCli } from "./world.ts";

if (obstacle !== undefined) process.stdout.write(`AUTOMATION NOT TESTED: ${obstacle}\n`);

const CALLER = join(REPOSITORY, "deploy/github/rotate-keys.yml");

let cli: Cli;
const goAway: (() => void)[] = [];
beforeAll(() => {
  if (obstacle === undefined) cli = packCli((go) => goAway.push(go));
});
afterAll(() => {
  for (const go of goAway) go();
});

describe.runIf(obstacle === undefined)(
  "a rotation in GitHub Actions",
  { timeout: PATIENCE },
  () => {
    it.each([
      ["as it is", {}, true],
      ["called from another repository", { path: CALLER }, false],
      ["in steps of the action", STEPS, false],
    ])("goes from the schedule to the retired key: the workflow %s", async (_, file, withNpm) => {
      const world = await createWorld(onTestFinished, { hasWitnesses: !withNpm });
      const rotation = createRotation({ world, cli, ...file, withNpm });
      const [first] = keysIn(rotation.keyText());

      const begun = await rotation.run(QUARTERLY);
      expect((await atAnyTime(rotation)).faults).toEqual([]);
      expect(begun.printed).toContain("Every token opens with the stored key");
      // The runner was told of each key by itself.
      const keys = keysIn(rotation.keyText()).map((key) => key.reveal());
      expect([...new Set(begun.evidence.masks)].sort()).toEqual(keys.sort());
      expect(rotation.mergeAll()).toBe(1);
      rotation.deploy();

      const ended = await rotation.run(WEEKLY);
      expect(ended.printed).toMatch(/Key [0-9a-f]{8} stands alone in the store/);
      expect(await whenSettled(rotation)).toEqual([]);
      expect(isSettled(rotation, [first?.id ?? ""])).toBe(true);
      expect(issues(world.directory)).toEqual([]);
    });
  },
);
