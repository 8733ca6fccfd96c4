/**
 * What the manifests say, done: the commands of docs/kubernetes.md make Secret and ConfigMap, a server runs with
 * command, variables, mounts and user of the rendered Deployment, its probes are asked, and the Jobs rotate
 * what it reads. A kubelet and an API server are all that is not real.
 */
import { spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../kubernetes/cluster.ts";
import { containerOf, type Outcome, userOf } from "../kubernetes/container.ts";
import { MANIFESTS, unrenderable } from "../kubernetes/manifests.ts";
import { mountPod, type RunningPod } from "../kubernetes/pod.ts";
import { podsOf } from "../kubernetes/pods.ts";
import { scratch } from "../scratch.ts";

const AUTOMATION = join(import.meta.dirname, "../../../cli/automation");
const CONFIG = ["ConfigMap", "proxmox-config", "config.encrypted.json"] as const;
const KEY = ["Secret", "proxmox-master-key", "key"] as const;

/** Pods as kubectl lists them. */
const UNCONFIRMED: readonly (readonly [pods: readonly string[], message: string])[] = [
  [[], "there is no pod that could be asked"],
  [["proxmox-mcp-1"], "the pod proxmox-mcp-1 has no address yet"],
  // Nothing listens there.
  [
    ["proxmox-mcp-1 127.0.0.1"],
    "the pod proxmox-mcp-1 does not say that it runs on key KEYID alone",
  ],
];

const unasked = spawnSync("curl", ["--version"]).status === 0 ? undefined : "there is no curl";
for (const reason of [unrenderable, unasked].filter(Boolean)) {
  process.stderr.write(`SKIPPED: pods as the manifests start them: ${reason}\n`);
}
if (process.getuid?.() !== 0) {
  process.stderr.write(
    "NOT TRIED: mounts that belong to root, since these tests do not run as root\n",
  );
}

describe.skipIf(unrenderable !== undefined)("a pod", () => {
  let cluster: Cluster;

  beforeAll(() => {
    cluster = startCluster(mkdtempSync(join(tmpdir(), "proxmox-mcp-kubernetes-")));
  });
  afterAll(() => rmSync(cluster.root, { recursive: true }));

  test("has the port of the config that the page begins with", () => {
    const { http } = JSON.parse(readFileSync(join(MANIFESTS, "config.example.json"), "utf8"));
    const [pods] = podsOf(cluster.render("base"));
    expect(pods?.spec.containers[0]?.ports).toEqual([{ name: "http", containerPort: http.port }]);
  });

  test("serves with key and config of root, and answers its probes", async () => {
    const pod = mountPod(cluster, "base");
    const server = await pod.start();
    const [container] = pod.spec.containers;
    for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"] as const) {
      expect(await server.probe(container?.[probe]), probe).toBe(true);
    }
    // The probes need neither the key nor the name that everybody else does.
    const refused = await fetch(`${server.origin}/api/mcp`, { method: "POST" });
    expect(await refused.json()).toMatchObject({ error: { data: { code: "HOST_REFUSED" } } });
    expect(await server.end()).toBe(0);
  });

  test("has started once --test is content with config, key and their modes", async () => {
    const pod = mountPod(cluster, "overlays/exec-probe");
    const command = pod.spec.containers[0]?.startupProbe?.exec?.command;
    const { status, stdout, stderr } = await pod.container.run(command);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^ok {7}modes/m);
    expect(stdout).toMatch(/^ok {7}secrets {4}2 opened$/m);
    pod.putConfig("{}");
    expect(await pod.container.run(command)).toMatchObject({ status: 5 });
  });

  test("takes the key from a variable", async () => {
    const server = await mountPod(cluster, "overlays/key-in-variable").start();
    expect((await server.keys()).opened_with).toEqual([(await server.keys()).active]);
  });
});

describe.skipIf((unrenderable ?? unasked) !== undefined)("the Jobs", () => {
  test("rotate at the source, the pod takes it without a restart, and then the old key goes", async () => {
    const cluster = startCluster(scratch());
    const pod = mountPod(cluster, "base");
    const server = await pod.start();
    const [before, old] = [cluster.entry(...CONFIG), (await server.keys()).active];

    expect(await job(cluster, "rotate")).toMatchObject({ status: 0, stderr: "" });
    const [config, key] = [cluster.entry(...CONFIG), cluster.entry(...KEY)];
    expect(config).not.toBe(before);
    expect(key.trim().split("\n")).toHaveLength(2);
    // Once more, as after a Job whose end nobody saw.
    expect(await job(cluster, "rotate")).toMatchObject({ status: 0, stderr: "" });
    expect([cluster.entry(...CONFIG), cluster.entry(...KEY)]).toEqual([config, key]);

    cluster.setPods(["proxmox-mcp-1 127.0.0.1"]);
    const early = await job(cluster, "retire", server);
    expect(early).toMatchObject({ status: 7, stdout: "" });
    expect(early.stderr).toMatch(
      /^error: the pod proxmox-mcp-1 does not say .*: the old key is kept$/m,
    );
    expect(cluster.entry(...KEY)).toBe(key);

    pod.sync();
    const openedWith = async () => (await server.keys()).opened_with;
    await expect.poll(openedWith, { timeout: 60_000 }).not.toContain(old);
    expect(await job(cluster, "retire", server)).toMatchObject({ status: 0, stderr: "" });
    expect(cluster.entry(...KEY)).toBe(`${key.split("\n")[0]}\n`);
    const { active } = await server.keys();
    expect(await server.end()).toBe(0);
    const next = await mountPod(cluster, "base").start();
    expect(await next.keys()).toEqual({ active, opened_with: [active] });
  });

  test("keep the old key as long as a pod has not said that it needs it no more", async () => {
    const cluster = startCluster(scratch());
    await job(cluster, "rotate");
    const key = cluster.entry(...KEY);
    for (const [pods, message] of UNCONFIRMED) {
      cluster.setPods(pods);
      const { status, stderr } = await job(cluster, "retire");
      expect(status).toBe(7);
      expect(stderr.replace(/\b[0-9a-f]{8}\b/, "KEYID")).toBe(
        `error: ${message}: the old key is kept\n`,
      );
      expect(cluster.entry(...KEY)).toBe(key);
    }
  });
});

/** Runs the Job's container as the manifest has it, in an empty work directory. */
async function job(
  cluster: Cluster,
  name: "rotate" | "retire",
  { origin }: Pick<RunningPod, "origin"> = { origin: "http://127.0.0.1:9" },
): Promise<Outcome> {
  const pods = podsOf(cluster.render("rotation")).find(({ owner }) => owner.endsWith(name));
  if (pods === undefined) throw new Error(`no Job ${name}`);
  const work = mkdtempSync(join(cluster.root, "work-"));
  const { uid, gid } = userOf(pods.spec);
  if (uid !== undefined && gid !== undefined) chownSync(work, uid, gid);
  const mounts = { "/work": work, "/app/automation": AUTOMATION };
  // A pod has an address of its own; here they share one, and differ in the port.
  const url = `${origin.replace("127.0.0.1", "ADDRESS")}/readyz`;
  const more = { PROXMOX_MCP_KUBERNETES_READY_URL: url };
  return await containerOf(pods, cluster, mounts, more).run();
}
