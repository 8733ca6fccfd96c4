/** The whole order of a rotation in GitLab CI, by the very file that is shipped. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { BOUND, config } from "../material.ts";
import { FIRST_KEY } from "./configs.ts";
import { PIPELINE_URL } from "./gitlab/pipeline.ts";
import { createRotation } from "./gitlab/rotation.ts";
import { atAnyTime, whenSettled } from "./invariants.ts";
import { ATTENTION, FAILED } from "./rotation.ts";
import { ISSUES, type Issue, issues, KEY_VARIABLE } from "./stubs/gitlab.ts";
import { writeState } from "./stubs/state.ts";
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
    expect(issues(world.directory)).toMatchObject([{ title: FAILED }]);
  });

  it("tells of what failed in one issue, whatever it was", async () => {
    const world = await createWorld(onTestFinished);
    const rotation = createRotation({ world, cli });
    writeState(world.directory, ISSUES, others(FAILED));
    const texts = () => issues(world.directory)[4]?.texts ?? [];

    const wrong = `configs/$PROXMOX_MCP_MASTER_KEY_FILE${"/xä".repeat(2000)}`;
    const missing = await rotation.run("auto", undefined, { PROXMOX_MCP_PATHS: wrong });
    expect(missing.jobs).toEqual({
      "rotate-keys": "failed",
      "verify-keys": "skipped",
      "check-keys": "failed",
      "report-failure": "success",
    });
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).toMatch(
      /^rotate or retire: failed [A-Z_]+ configs\/PROXMOX_MCP_MASTER_KEY_FILE\/x[x/]{1,800};\nverify: no result ;\ncheck: failed [A-Z_]+ configs\/PROX/,
    );
    expect(texts()[0]).toContain(PIPELINE_URL);

    // What stands in no file of the checkout, and what keeps the tool itself away.
    await rotation.run("auto", undefined, { PROXMOX_MCP_VERSION: "9.9.9" });
    expect(texts()).toHaveLength(2);
    expect(texts()[1]).toContain(
      "rotate or retire: failed ;\nverify: no result ;\ncheck: failed \n",
    );
    world.write(`stores/${KEY_VARIABLE}`, " \n");
    await rotation.run("auto");
    expect(texts()).toHaveLength(3);
    expect(texts()[2]).toContain("rotate or retire: failed there is no master key");
    world.write(`stores/${KEY_VARIABLE}`, FIRST_KEY);

    expect(issues(world.directory)).toEqual([
      ...others(FAILED),
      { iid: 5, title: FAILED, state: "opened", texts: texts() },
    ]);
    expect((await atAnyTime(rotation)).faults).toEqual([]);
  });

  it("tells of a token that is too old in one issue, and closes it if it may be that old", async () => {
    const world = await createWorld(onTestFinished);
    const rotation = createRotation({ world, cli });
    writeState(world.directory, ISSUES, others(ATTENTION));
    const old = { "configs/config.json": config(BOUND.token) };
    world.repository.commit("main", old, "Sealed in 2023");
    const ours = () => issues(world.directory).slice(4);
    const line = "- `configs/config.json /auth/token_value`: too-old\n";

    const found = await rotation.run("check");
    expect(found.ok).toBe(true);
    expect(found.printed).toContain("Nothing failed.");
    const again = await rotation.run("check");
    expect(ours()).toEqual([{ iid: 5, title: ATTENTION, state: "opened", texts: [line, line] }]);
    expect((await atAnyTime(rotation)).faults).toEqual([]);

    // What could not be told there is told in the other issue.
    const label = again.labels.find((one) => one.includes("body@-")) ?? "";
    const lost = await rotation.run("check", { label, kind: "hang" });
    expect(lost.jobs).toMatchObject({ "check-keys": "failed", "report-failure": "success" });
    expect(ours()).toMatchObject([{ title: ATTENTION }, { title: FAILED, state: "opened" }]);
    expect(ours()[1]?.texts[0]).toContain("verify: success ;\ncheck: no result \n");

    await rotation.run("check", undefined, { PROXMOX_MCP_MAX_AGE: "36500d" });
    expect(ours()).toMatchObject([{ state: "closed" }, { state: "opened" }]);
    expect(ours()[0]?.texts.at(-1)).toBe("Settled.");
    expect(issues(world.directory).slice(0, 4)).toEqual(others(ATTENTION));
  });

  it("names a hundred tokens in an issue, says how many more there are, and all in the log", async () => {
    const world = await createWorld(onTestFinished);
    const rotation = createRotation({ world, cli });
    const names = Array.from({ length: 130 }, (_, index) => `configs/${index}.json`);
    const old = Object.fromEntries(names.map((name) => [name, config(BOUND.token)]));
    world.repository.commit("main", old, "Sealed in 2023");
    const { ok, printed } = await rotation.run("check");
    expect(ok).toBe(true);
    expect(names.filter((name) => !printed.includes(`\`${name} `))).toEqual([]);
    const lines = issues(world.directory)[0]?.texts[0]?.trimEnd().split("\n") ?? [];
    expect(lines).toHaveLength(101);
    expect(lines[100]).toBe("- and 30 more, which the log names");
  });

  it("verifies nothing, and says so, where the rotation did not hand on how it went", async () => {
    const world = await createWorld(onTestFinished, { hasWitnesses: true });
    const rotation = createRotation({ world, cli });
    const { labels } = await rotation.run("check");
    const label = labels.find((one) => one.startsWith("rotate-keys/after_script: sed")) ?? "";
    // GitLab calls a job a success whose last script fails.
    const lost = await rotation.run("auto", { label, kind: "fail" });
    expect(lost.jobs).toMatchObject({ "rotate-keys": "success", "verify-keys": "failed" });
    expect(issues(world.directory)).toMatchObject([{ title: FAILED }]);
    const [text = ""] = issues(world.directory)[0]?.texts ?? [];
    expect(text).toContain("rotate or retire: no result ;\nverify: failed ;\ncheck: success ");
    expect(rotation.openProposals()).toBe(0);

    expect((await rotation.run("auto")).ok).toBe(true);
    expect(rotation.openProposals()).toBe(1);
    expect((await atAnyTime(rotation)).faults).toEqual([]);
  });
});

/** Issues that are none of ours: other titles that a search finds, and one that is settled. */
function others(title: string): readonly Issue[] {
  return [
    { iid: 1, title, state: "closed", texts: ["long ago"] },
    { iid: 2, title: `${title} again`, state: "opened", texts: ["somebody's"] },
    { iid: 3, title: `Why: ${title}`, state: "opened", texts: ["somebody's"] },
    { iid: 4, title: title.toLowerCase(), state: "opened", texts: ["somebody's"] },
  ];
}
