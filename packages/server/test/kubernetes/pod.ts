/** One pod of the Deployment: its volumes as the kubelet mounts them, its server, and its probes. */
import { once } from "node:events";
import { chmodSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Probe } from "kubernetes-types/core/v1.js";
import { onTestFinished } from "vitest";
import { mountVolume, type Volume } from "../serve/volume.ts";
import type { Cluster } from "./cluster.ts";
import { type Container, containerOf, userOf } from "./container.ts";
import { type Pods, podsOf } from "./pods.ts";

export interface Pod {
  readonly container: Container;
  readonly spec: Pods["spec"];
  /** Gives the mounts what is stored now, the key last. */
  sync(): void;
  /** Mounts a text in the place of the config. */
  putConfig(text: string): void;
  /** Starts the server; it ends with the test. */
  start(): Promise<RunningPod>;
}

export interface RunningPod {
  readonly origin: string;
  /** Asks as the kubelet does. */
  probe(probe: Probe | undefined): Promise<boolean>;
  /** What it says on `/readyz`. */
  keys(): Promise<{ readonly active: string; readonly opened_with: readonly string[] }>;
  /** @returns its exit status after SIGTERM. */
  end(): Promise<number | null>;
}

/** Mounts the volumes of what a kustomization renders, from what the cluster has stored. */
export function mountPod(cluster: Cluster, kustomization: string): Pod {
  const [pods] = podsOf(cluster.render(kustomization));
  if (pods === undefined) throw new Error(`${kustomization} has no pods`);
  const root = mkdtempSync(join(cluster.root, "pod-"));
  chmodSync(root, 0o755);
  const volumes = (pods.spec.volumes ?? []).map((volume) => mount(cluster, pods, root, volume));
  const [config, key] = ["configMap", "secret"].map((kind) =>
    volumes.filter((volume) => volume.kind === kind),
  ) as [Mounted[], Mounted[]];
  const mounts = Object.fromEntries(
    (pods.spec.containers[0]?.volumeMounts ?? []).map(({ name, mountPath }) => [
      mountPath,
      join(root, name),
    ]),
  );
  const container = containerOf(pods, cluster, mounts);
  return {
    container,
    spec: pods.spec,
    sync() {
      for (const { volume, read } of [...config, ...key]) volume.swap(read());
    },
    putConfig(text) {
      for (const { volume } of config) volume.swap(text);
    },
    start: () => startServer(container),
  };
}

interface Mounted {
  readonly kind: "secret" | "configMap";
  readonly volume: Volume;
  readonly read: () => string;
}

function mount(
  cluster: Cluster,
  { spec }: Pods,
  root: string,
  { name, secret, configMap }: NonNullable<Pods["spec"]["volumes"]>[number],
): Mounted {
  const kind = secret === undefined ? "configMap" : "secret";
  const mode = (secret ?? configMap)?.defaultMode ?? 0o644;
  const file = secret?.items?.[0]?.path ?? "config.encrypted.json";
  const read = () =>
    secret === undefined
      ? cluster.entry("ConfigMap", configMap?.name ?? "", file)
      : cluster.entry("Secret", secret.secretName ?? "", secret.items?.[0]?.key ?? "");
  const { gid } = userOf(spec);
  return { kind, read, volume: mountVolume(join(root, name), file, read(), { mode, gid }) };
}

async function startServer(container: Container): Promise<RunningPod> {
  const child = container.spawn();
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stderr });
  const log: string[] = [];
  const origin = await new Promise<string>((resolve, reject) => {
    child.once("exit", () => reject(new Error(log.join("\n"))));
    lines.on("line", (line) => {
      log.push(line);
      if (!line.includes('"serving over http')) return;
      const { port } = new URL(String((JSON.parse(line) as { url: string }).url));
      resolve(`http://127.0.0.1:${port}`);
    });
  });
  return {
    origin,
    async probe(probe) {
      if (probe?.httpGet === undefined) {
        return (await container.run(probe?.exec?.command ?? ["false"])).status === 0;
      }
      // Where a pod is probed its port is that of the config: here both are free ones.
      return (await fetch(`${origin}${probe.httpGet.path}`)).ok;
    },
    async keys() {
      const answer = (await (await fetch(`${origin}/readyz`)).json()) as {
        readonly keys: { readonly active: string; readonly opened_with: readonly string[] };
      };
      return answer.keys;
    },
    async end() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      return child.exitCode;
    },
  };
}
