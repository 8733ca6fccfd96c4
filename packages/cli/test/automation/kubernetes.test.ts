/** The whole order of a rotation in a cluster, by the manifests and scripts that are shipped. */
import { describe, expect, it, onTestFinished } from "vitest";
import { atAnyTime, whenSettled } from "./invariants.ts";
import { createRotation } from "./kubernetes/rotation.ts";
import { createWorld, obstacle, PATIENCE, packCli } from "./world.ts";

describe.runIf(obstacle === undefined)("a rotation in Kubernetes", { timeout: PATIENCE }, () => {
  it("goes from the first Job to the retired key", async () => {
    const world = await createWorld(onTestFinished, { hasWitnesses: true });
    const rotation = createRotation({ world, cli: packCli(onTestFinished) });

    const begun = await rotation.goOn();
    expect(begun.printed).toMatch(/Secret and ConfigMap are on key [0-9a-f]{8}/);
    expect((await atAnyTime(rotation)).faults).toEqual([]);
    await rotation.advance();
    const ended = await rotation.goOn();
    expect(ended.printed).toMatch(/Key [0-9a-f]{8} stands alone in the Secret/);
    expect(await whenSettled(rotation)).toEqual([]);
  });
});
