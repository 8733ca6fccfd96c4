/** A cluster with the objects that the commands of docs/kubernetes.md make, and no kubelet. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pageOf, sectionOf } from "../docs/parts.ts";
import { copyManifests, type KubernetesObject, MANIFESTS } from "./manifests.ts";

const PACKAGES = join(import.meta.dirname, "../../..");
/** What is on the path of the images. */
const PROGRAMS = {
  "proxmox-mcp-server": join(PACKAGES, "server/bin/proxmox-mcp-server.cjs"),
  "proxmox-mcp-encrypt": join(PACKAGES, "cli/bin/proxmox-mcp-encrypt.cjs"),
  kubectl: join(import.meta.dirname, "kubectl.mjs"),
  node: process.execPath,
};

export interface Cluster {
  /** A directory that everybody can get into. */
  readonly root: string;
  /** Variables by which programs find each other, and kubectl this cluster. */
  readonly env: Readonly<Record<"PATH" | "KUBECTL_STATE", string>>;
  render(kustomization: string): readonly KubernetesObject[];
  /** The text of an entry of the Secret or of the ConfigMap, as it is stored now. */
  entry(kind: "Secret" | "ConfigMap", name: string, entry: string): string;
  /** What `kubectl get pods` tells: lines of a name and an address. */
  setPods(lines: readonly string[]): void;
}

/**
 * Runs the commands of the page, up to those that start a pod; a server of the config that they make takes
 * a free port.
 *
 * @param root an empty directory.
 */
export function startCluster(root: string): Cluster {
  chmodSync(root, 0o755);
  const [bin, state, manifests] = ["bin", "state", "deploy/kubernetes"].map((name) => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  }) as [string, string, string];
  for (const [name, target] of Object.entries(PROGRAMS)) symlinkSync(target, join(bin, name));
  // Jobs run as somebody else.
  chmodSync(state, 0o777);
  const env = {
    PATH: [bin, process.env["PATH"] ?? ""].join(delimiter),
    KUBECTL_STATE: state,
  };
  const render = copyManifests(manifests, "example");
  const example = readFileSync(join(MANIFESTS, "config.example.json"), "utf8");
  writeFileSync(
    join(manifests, "config.example.json"),
    example.replace('"port": 8080', '"port": 0'),
  );
  execFileSync("bash", ["-euo", "pipefail"], {
    cwd: root,
    input: installation(),
    env: { ...env, HOME: root },
    stdio: "pipe",
  });
  return {
    root,
    env,
    render,
    entry(kind, name, entry) {
      const { data } = JSON.parse(readFileSync(join(state, `${kind}-${name}.json`), "utf8"));
      return kind === "Secret" ? Buffer.from(data[entry], "base64").toString() : data[entry];
    },
    setPods: (lines) => writeFileSync(join(state, "pods"), lines.map((one) => `${one}\n`).join("")),
  };
}

function installation(): string {
  const [before = ""] = sectionOf(pageOf("kubernetes.md"), "## Install").split("**Start it.**");
  return [...before.matchAll(/^\$ (.*\n)/gm)].map(([, command]) => command).join("");
}
