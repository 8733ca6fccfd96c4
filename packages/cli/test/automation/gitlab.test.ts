/** The whole order of a rotation in GitLab CI, by the very file that is shipped. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { BOUND, config } from "../material.ts";
import { createRotation } from "./gitlab/rotation.ts";
import { atAnyTime, whenSettled } from "./invariants.ts";
import { type Cli, createWorld, obstacle, PATIENCE, packCli } from "./world.ts";

let cli: Cli;
const goAway: (() => void)[] = [];
beforeAll(() => {
  if (obstacle === undefined) cli = packCli((go) => goAway.push(go));
});
afterAll(() => {
  for (const go of goAway) go();
});

describe.runIf(obstacle === undefined)("a rotation in GitLab CI", { timeout: PATIENCE }, () => {
  it("goes from the schedule to the retired key", async () => {
    const world = await createWorld(onTestFinished, { hasWitnesses: true });
    const rotation = createRotation({ world, cli });

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

  it("fails the check of a token that is too old, and not if it may be that old", async () => {
    const world = await createWorld(onTestFinished);
    const rotation = createRotation({ world, cli });
    const old = { "configs/config.json": config(BOUND.token) };
    world.repository.commit("main", old, "Sealed in 2023");

    const found = await rotation.run("check");
    expect(found.jobs["check-keys"]).toBe("failed");
    expect(found.printed).toContain("- `configs/config.json /auth/token_value`: too-old\n");
    expect((await atAnyTime(rotation)).faults).toEqual([]);
    const patient = await rotation.run("check", undefined, { PROXMOX_MCP_MAX_AGE: "36500d" });
    expect(patient.jobs["check-keys"]).toBe("success");
    expect(patient.printed).not.toContain("too-old");
  });
});
