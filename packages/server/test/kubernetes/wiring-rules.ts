/** Whether objects that name each other mean the same thing. */
import { posix } from "node:path";
import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { Container, Service } from "kubernetes-types/core/v1.js";
import type { NetworkPolicy } from "kubernetes-types/networking/v1.js";
import type { PodDisruptionBudget } from "kubernetes-types/policy/v1.js";
import type { KubernetesObject } from "./manifests.ts";
import { ofKind, type Pods, picks, podsOf } from "./pods.ts";

const SECRET = "proxmox-master-key";
const SECRET_ENTRY = "key";
const CONFIG_MAP = "proxmox-config";
const CONFIG = "/app/config/config.encrypted.json";

/** @returns what does not fit, as `OBJECT: problem`. */
export function wiringProblems(objects: readonly KubernetesObject[]): readonly string[] {
  const all = podsOf(objects);
  return [
    ...objects.filter(({ kind }) => kind === "Secret").map(() => "Secret: it comes with an apply"),
    ...objects.flatMap(({ kind, metadata: { name, namespace } }) =>
      (kind === "Namespace" ? name : namespace) === "proxmox-mcp"
        ? []
        : [`${kind} ${name}: it is in another namespace`],
    ),
    ...all.flatMap((pods) => policyProblems(objects, pods)),
    ...all.filter(({ kind }) => kind === "Deployment").flatMap(serverProblems),
    ...ofKind<Deployment>(objects, "Deployment").flatMap((deployment) =>
      deploymentProblems(objects, deployment),
    ),
    ...ofKind<Service>(objects, "Service").flatMap((service) => serviceProblems(service, all)),
    ...ofKind<KubernetesObject>(objects, "ConfigMap")
      .filter(({ metadata }) => metadata.name !== CONFIG_MAP)
      .map(({ metadata }) => `ConfigMap ${metadata.name}: no pod mounts this name`),
  ];
}

/** A policy of the pods' own, for both directions. */
function policyProblems(objects: readonly KubernetesObject[], pods: Pods): readonly string[] {
  const closes = ofKind<NetworkPolicy>(objects, "NetworkPolicy").some(
    ({ spec }) =>
      picks(spec?.podSelector.matchLabels, pods.labels) &&
      spec?.policyTypes?.includes("Ingress") &&
      spec.policyTypes.includes("Egress"),
  );
  // Of blue-green/blue and the like the policy is in the directory above.
  const isPart = !objects.some(({ kind }) => kind === "NetworkPolicy");
  return closes || isPart ? [] : [`${pods.owner}: no NetworkPolicy selects its pods`];
}

function deploymentProblems(
  objects: readonly KubernetesObject[],
  { metadata, spec }: Deployment,
): readonly string[] {
  const labels = spec?.template.metadata?.labels ?? {};
  const guards = ofKind<PodDisruptionBudget>(objects, "PodDisruptionBudget").filter(({ spec }) =>
    picks(spec?.selector?.matchLabels, labels),
  );
  const spread = spec?.template.spec?.topologySpreadConstraints ?? [];
  return [
    ...(picks(spec?.selector.matchLabels, labels) ? [] : ["it does not select its own pods"]),
    ...(guards.length === 1 ? [] : [`${guards.length} PodDisruptionBudgets select its pods`]),
    ...(spread.every(({ labelSelector }) => picks(labelSelector?.matchLabels, labels))
      ? []
      : ["other pods are spread"]),
  ].map((problem) => `Deployment ${metadata?.name}: ${problem}`);
}

function serviceProblems({ metadata, spec }: Service, all: readonly Pods[]): readonly string[] {
  if (all.length === 0) return [];
  const chosen = all.filter(({ labels }) => picks(spec?.selector, labels));
  const ports = chosen.flatMap(({ spec: { containers } }) =>
    containers.flatMap((container) => container.ports ?? []),
  );
  return [
    ...(chosen.length > 0 ? [] : ["it selects no pods"]),
    ...(spec?.ports ?? []).flatMap(({ targetPort }) =>
      ports.some(({ name, containerPort }) => [name, containerPort].includes(targetPort))
        ? []
        : [`its pods have no port ${targetPort}`],
    ),
  ].map((problem) => `Service ${metadata?.name}: ${problem}`);
}

/** Whether the server finds key and config where it is told to look. */
function serverProblems({ owner, spec }: Pods): readonly string[] {
  return spec.containers.flatMap((container) => {
    const { env = [], command = [], args = [], startupProbe, ports = [] } = container;
    const variable = env.find(({ name }) => name === "PROXMOX_MCP_MASTER_KEY")?.valueFrom;
    const path = env.find(({ name }) => name === "PROXMOX_MCP_MASTER_KEY_FILE")?.value;
    const named = variable?.secretKeyRef;
    const ofFile = path === undefined ? undefined : mountedAt(spec, container, path);
    const key = named === undefined ? ofFile : `Secret ${named.name} ${named.key}`;
    const probed = startupProbe?.exec?.command ?? [CONFIG];
    return [
      ...((named === undefined) === (path === undefined) ? ["the key comes from two places"] : []),
      ...(key === `Secret ${SECRET} ${SECRET_ENTRY}` ? [] : [`the key is not there: ${key}`]),
      ...(mountedAt(spec, container, CONFIG) === `ConfigMap ${CONFIG_MAP} config.encrypted.json`
        ? []
        : ["the config is not there"]),
      ...([command, args].flat().includes(CONFIG) && probed.includes(CONFIG)
        ? []
        : ["it reads another config"]),
      ...(ports.some(({ name }) => name === "http") ? [] : ["no port is named http"]),
    ].map((problem) => `${owner}: ${problem}`);
  });
}

/** What is mounted at a path, as `Secret NAME ENTRY` or `ConfigMap NAME ENTRY`. */
function mountedAt(
  { volumes = [] }: Pods["spec"],
  { volumeMounts = [] }: Container,
  path: string,
): string | undefined {
  const mount = volumeMounts.find(({ mountPath }) => mountPath === posix.dirname(path));
  const volume = volumes.find(({ name }) => name === mount?.name);
  const source = volume?.secret ?? volume?.configMap;
  if (source === undefined || mount?.readOnly !== true) return undefined;
  const file = posix.basename(path);
  const entry = source.items?.find((item) => item.path === file)?.key;
  const name = volume?.secret
    ? `Secret ${volume.secret.secretName}`
    : `ConfigMap ${volume?.configMap?.name}`;
  return source.items === undefined ? `${name} ${file}` : `${name} ${entry}`;
}
