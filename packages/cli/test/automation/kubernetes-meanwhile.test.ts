/** What somebody else does to a cluster while a Job runs there, or did before. */
import { join } from "node:path";
import { parseMasterKey } from "@proxmox-mcp/crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { BOUND, config, KEY, OTHER_KEY } from "../material.ts";
import { keysIn } from "./keys.ts";
import { createRotation } from "./kubernetes/rotation.ts";
import type { Rotation } from "./rotation.ts";
import { OBJECTS, objects, PODS } from "./stubs/kubectl.ts";
import { writeState } from "./stubs/state.ts";
import { type Cli, createWorld, obstacle, PATIENCE, packCli } from "./world.ts";

const SECRET = "secret/proxmox-master-key";
const CONFIGMAP = "configmap/proxmox-config";
const THIRD_KEY = `${"A".repeat(42)}8=`;

describe.runIf(obstacle === undefined)("a Job in Kubernetes", { timeout: PATIENCE }, () => {
  let cli: Cli;
  let rotation: Rotation;
  const goAway: (() => void)[] = [];
  beforeAll(() => {
    cli = packCli((go) => goAway.push(go));
  });
  afterAll(() => {
    for (const go of goAway) go();
  });
  beforeEach(async () => {
    rotation = createRotation({ world: await createWorld(onTestFinished), cli });
  });

  /** Runs a script to its end, on a machine of its own. */
  async function runScript(script: string, then = "") {
    const { world } = rotation;
    const machine = world.startMachine();
    world.switchboard.begin();
    world.switchboard.enter("job", "script");
    const path = join(cli.installed, "node_modules/@proxmox-mcp/cli/automation", script);
    const { status, printed } = await machine.runShell({
      argv: ["bash", "-c", `bash "$0" ${then}`, path],
      script: "",
      directory: machine.workspace,
      env: { ...machine.environment, PROXMOX_MCP_WORK_DIRECTORY: join(machine.workspace, "w") },
    });
    machine.throwAway();
    expect(world.switchboard.surprises).toEqual([]);
    return { status, printed };
  }

  /** Runs a Job. @param meanwhile is done when a call is made for the last time. */
  async function job(
    name: "rotate" | "retire",
    meanwhile?: { readonly call: string; readonly last: () => void },
  ) {
    const { world } = rotation;
    const run = () => runScript(`kubernetes-${name}.sh`);
    if (meanwhile === undefined) return await run();
    world.save("before");
    expect(await run()).toMatchObject({ status: 0 });
    const last = world.switchboard.calls.filter(({ label }) => label.includes(meanwhile.call));
    world.restore("before");
    world.switchboard.whenCalled(({ label }) => {
      if (label === last.at(-1)?.label) meanwhile.last();
    });
    const end = await run();
    world.switchboard.whenCalled(() => undefined);
    return end;
  }

  function put(path: string, data: Readonly<Record<string, string>>): void {
    const { directory } = rotation.world;
    const all = objects(directory);
    const { metadata } = all[path] ?? expect.fail(path);
    const resourceVersion = String(Number(metadata.resourceVersion) + 1);
    const changed = { metadata: { ...metadata, resourceVersion }, data };
    writeState(directory, OBJECTS, { ...all, [path]: changed });
  }

  function putKeys(...keys: readonly string[]): void {
    const text = keys.map((key) => `${key}\n`).join("");
    put(SECRET, { key: Buffer.from(text).toString("base64") });
  }

  const dataOf = (path: string) => objects(rotation.world.directory)[path]?.data ?? {};
  const keyIds = () =>
    keysIn(Buffer.from(dataOf(SECRET)["key"] ?? "", "base64").toString()).map(({ id }) => id);
  const idOf = (key: string) => parseMasterKey(key).id;

  it("does not store configs that the stored key does not open", async () => {
    const before = dataOf(CONFIGMAP);
    const { status, printed } = await job("rotate", {
      call: "kubectl get secret",
      last: () => putKeys(OTHER_KEY, THIRD_KEY),
    });
    expect(printed).toMatch(/The active key is \w+, not \w+\.$/m);
    expect(printed).toContain("the ConfigMap was not changed");
    expect(status).toBe(7);
    expect(dataOf(CONFIGMAP)).toEqual(before);
  });

  it.each(["rotate", "retire"] as const)(
    "has something to say of a wrong key: %s",
    async (name) => {
      putKeys(OTHER_KEY);
      const before = objects(rotation.world.directory);
      const { status, printed } = await job(name);
      expect(printed).toMatch(/\/config\.json \/auth\/token_value: NO_KEY_OPENS$/m);
      expect(printed).toContain("the Secret does not open the ConfigMap");
      expect(status).toBe(4);
      expect(objects(rotation.world.directory)).toEqual(before);
    },
  );

  it("retires no key that a ConfigMap needs which came while the pods were asked", async () => {
    const old = dataOf(CONFIGMAP);
    await job("rotate");
    await rotation.advance();
    const ids = keyIds();
    const { status, printed } = await job("retire", {
      call: "curl",
      last: () => put(CONFIGMAP, old),
    });
    expect(printed).toMatch(/^error: the ConfigMap needs another key by now/m);
    expect(status).toBe(7);
    expect(keyIds()).toEqual(ids);
  });

  it("puts the old key back for a ConfigMap that came while it was retired", async () => {
    const old = dataOf(CONFIGMAP);
    await job("rotate");
    await rotation.advance();
    const ids = keyIds();
    const { status, printed } = await job("retire", {
      call: "kubectl get secret",
      last: () => put(CONFIGMAP, old),
    });
    expect(printed).toMatch(/^error: .* the old key was stored again/m);
    expect(status).toBe(9);
    expect(keyIds()).toEqual(ids);
    expect(ids).toContain(idOf(KEY));
    // And that is the way out.
    expect(await job("rotate")).toMatchObject({ status: 0 });
    expect(await job("retire")).toMatchObject({ status: 0 });
    expect(keyIds()).toEqual(ids.slice(0, 1));
  });

  it("fails where the old key was never retired", async () => {
    putKeys(KEY, OTHER_KEY);
    put(CONFIGMAP, { "config.json": config(BOUND.token) });
    writeState(rotation.world.directory, PODS, []);
    const { status, printed } = await job("rotate");
    expect(printed).toMatch(
      /^error: nothing was rotated: .* more than 30 days, and the old key is still kept/m,
    );
    expect(status).toBe(7);
    expect(keyIds()).toEqual([idOf(KEY), idOf(OTHER_KEY)]);
  });

  it("says so and no more where the old key may still be kept", async () => {
    await job("rotate");
    const before = objects(rotation.world.directory);
    const { status, printed } = await job("rotate");
    expect(printed).toMatch(/^All is on key \w{8} already\. The old key is still kept: /);
    expect(status).toBe(0);
    expect(objects(rotation.world.directory)).toEqual(before);
  });

  it("gives the configs as files, and takes them back from nobody who was overtaken", async () => {
    const take = "take configs";
    const store = `sed -i s/pve.example/pve9.example/ configs/config.json && bash "$0" store configs`;
    expect(await runScript("kubernetes-configs.sh", `${take} && ${store}`)).toMatchObject({
      status: 0,
    });
    const changed = dataOf(CONFIGMAP);
    expect(changed["config.json"]).toContain("pve9.example");
    expect(Object.keys(changed)).toHaveLength(2);

    rotation.world.switchboard.whenCalled(({ label }) => {
      if (label.includes("kubectl apply")) put(CONFIGMAP, changed);
    });
    const late = await runScript("kubernetes-configs.sh", `${take} && bash "$0" store configs`);
    expect(late.printed).toContain("the object has been modified");
    expect(late.status).not.toBe(0);
    const again = await runScript("kubernetes-configs.sh", `${take} && bash "$0" ${take}`);
    expect(again.printed).toContain("File exists");
    expect(again.status).not.toBe(0);
    expect(await runScript("kubernetes-configs.sh", "give configs")).toEqual({
      status: 2,
      printed: "usage: kubernetes-configs.sh take|store DIRECTORY\n",
    });
  });
});
