/** The whole order of a rotation in GitLab CI, by the very file that is shipped. */
import { describe, expect, it, onTestFinished } from "vitest";
import { createRotation } from "./gitlab/rotation.ts";
import { atAnyTime, whenSettled } from "./invariants.ts";
import { createWorld, obstacle, PATIENCE, packCli } from "./world.ts";

describe.runIf(obstacle === undefined)("a rotation in GitLab CI", { timeout: PATIENCE }, () => {
  it("goes from the schedule to the retired key", async () => {
    const world = await createWorld(onTestFinished, { hasWitnesses: true });
    const rotation = createRotation({ world, cli: packCli(onTestFinished) });

    const begun = await rotation.run("auto");
    expect(begun.printed).toContain("Every token opens with the stored key");
    expect(begun.ok).toBe(true);
    expect((await atAnyTime(rotation)).faults).toEqual([]);
    // Not before it is deployed.
    const early = await rotation.run("continue");
    expect(early.ok).toBe(true);
    expect(rotation.mergeAll()).toBe(1);
    expect((await rotation.run("retire")).jobs["rotate-keys"]).toBe("failed");
    rotation.deploy();

    const ended = await rotation.run("continue");
    expect(ended.printed).toMatch(/Key [0-9a-f]{8} stands alone in the store/);
    expect(await whenSettled(rotation)).toEqual([]);
  });
});
