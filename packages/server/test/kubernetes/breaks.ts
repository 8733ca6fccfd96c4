/** Mistakes that a manifest could have, each with the rule that finds it. */
import type { KubernetesObject } from "./manifests.ts";

/** The problem that is found, the directory that is rendered, and what is done to its objects. */
export type Break = readonly [
  problem: string,
  from: string,
  break_: (objects: KubernetesObject[]) => void,
];

// biome-ignore lint/suspicious/noExplicitAny: things get into it that its type has no place for
type Anything = any;

/** The first object of a kind. */
export function find(objects: readonly KubernetesObject[], kind: string): Anything {
  return objects.find((object) => object.kind === kind);
}

const SERVER = "Deployment proxmox-mcp";
const JOB = "CronJob proxmox-mcp-retire";

const pod = (change: (spec: Anything) => void): Break[2] => {
  return (objects) => change(find(objects, "Deployment").spec.template.spec);
};
const container = (change: (container: Anything) => void): Break[2] =>
  pod(({ containers }) => change(containers[0]));
const object = (kind: string, change: (object: Anything) => void): Break[2] => {
  return (objects) => change(find(objects, kind));
};

function inServer(problem: string, break_: Break[2]): Break {
  return [`${SERVER}: ${problem}`, "base", break_];
}

function inRotation(problem: string, break_: Break[2]): Break {
  return [problem, "rotation", break_];
}

export const BREAKS: readonly Break[] = [
  inServer(
    "the pod may run as root",
    pod(({ securityContext }) => {
      delete securityContext.runAsNonRoot;
    }),
  ),
  inServer(
    "fsGroup is not the group of the process",
    pod(({ securityContext }) => {
      securityContext.fsGroup = 2000;
    }),
  ),
  inServer(
    "the seccomp profile is not RuntimeDefault",
    pod(({ securityContext }) => {
      securityContext.seccompProfile.type = "Unconfined";
    }),
  ),
  inServer(
    "a token of an account is mounted",
    pod((spec) => {
      spec.automountServiceAccountToken = true;
    }),
  ),
  inServer(
    "a path of the host is mounted",
    pod(({ volumes }) => {
      volumes.push({ name: "host", hostPath: { path: "/" } });
    }),
  ),
  inServer(
    "proxmox-mcp may write into its image",
    container(({ securityContext }) => {
      securityContext.readOnlyRootFilesystem = false;
    }),
  ),
  inServer(
    "proxmox-mcp keeps capabilities",
    container(({ securityContext }) => {
      securityContext.capabilities.drop = ["NET_RAW"];
    }),
  ),
  inServer(
    "proxmox-mcp lacks a request or a limit",
    container(({ resources }) => {
      delete resources.limits.memory;
    }),
  ),
  inServer(
    "proxmox-mcp has an image of any age",
    container((one) => {
      one.image = "proxmox-mcp-server:latest";
    }),
  ),
  inServer(
    "proxmox-mcp has a secret as the value of a variable",
    container(({ env }) => {
      env.push({ name: "PROXMOX_MCP_MASTER_KEY", value: "example" });
    }),
  ),
  inServer(
    "proxmox-mcp mounts by subPath, and would never see a change",
    container(({ volumeMounts }) => {
      volumeMounts[0].subPath = "key";
    }),
  ),
  inServer(
    "a probe is given less time than it may take",
    container(({ readinessProbe }) => {
      delete readinessProbe.timeoutSeconds;
    }),
  ),
  inServer(
    "readiness is not probed by /readyz",
    container(({ readinessProbe }) => {
      readinessProbe.httpGet.path = "/livez";
    }),
  ),
  inServer(
    "it is killed before its end",
    pod((spec) => {
      spec.terminationGracePeriodSeconds = 20;
    }),
  ),
  inServer(
    "the key is not there: undefined",
    container(({ env }) => {
      env[0].value = "/run/secrets/key";
    }),
  ),
  inServer(
    "the key is not there: Secret proxmox-master-key undefined",
    pod(({ volumes }) => {
      volumes[0].secret.items[0].path = "master";
    }),
  ),
  inServer(
    "the config is not there",
    pod(({ volumes }) => {
      volumes[1].configMap.name = "proxmox-config-h2g7";
    }),
  ),
  inServer(
    "no NetworkPolicy selects its pods",
    object("NetworkPolicy", ({ spec }) => {
      spec.podSelector.matchLabels["app.kubernetes.io/name"] = "proxmox";
    }),
  ),
  inServer(
    "0 PodDisruptionBudgets select its pods",
    object("PodDisruptionBudget", ({ spec }) => {
      spec.selector.matchLabels["app.kubernetes.io/name"] = "proxmox";
    }),
  ),
  [
    "Service proxmox-mcp: it selects no pods",
    "base",
    object("Service", ({ spec }) => {
      spec.selector.slot = "blue";
    }),
  ],
  [
    "Service proxmox-mcp: its pods have no port web",
    "base",
    object("Service", ({ spec }) => {
      spec.ports[0].targetPort = "web";
    }),
  ],
  [
    "ConfigMap proxmox-config-h2g7: no pod mounts this name",
    "overlays/config-from-git",
    object("ConfigMap", ({ metadata }) => {
      metadata.name += "-h2g7";
    }),
  ],
  [
    `${SERVER}: a probe is given less time than it may take`,
    "overlays/exec-probe",
    container(({ startupProbe }) => {
      startupProbe.timeoutSeconds = 5;
    }),
  ],
  [
    `${SERVER}: the key comes from two places`,
    "overlays/key-in-variable",
    container(({ env }) => {
      env.push({ name: "PROXMOX_MCP_MASTER_KEY_FILE", value: "/run/secrets/proxmox-mcp/key" });
    }),
  ],
  [
    "Secret: it comes with an apply",
    "base",
    (objects) => {
      objects.push({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "proxmox-master-key", namespace: "proxmox-mcp" },
      });
    },
  ],
  inRotation(
    "Role proxmox-mcp-rotation: get,patch secrets *",
    object("Role", ({ rules }) => {
      delete rules[0].resourceNames;
    }),
  ),
  inRotation(
    "Role proxmox-mcp-rotation: delete,get,patch configmaps proxmox-config",
    object("Role", ({ rules }) => {
      rules[1].verbs.push("delete");
    }),
  ),
  inRotation(
    "RoleBinding proxmox-mcp-rotation: somebody else is bound",
    object("RoleBinding", ({ subjects }) => {
      subjects[0].name = "default";
    }),
  ),
  inRotation(
    `${JOB}: it begins by itself`,
    object("CronJob", ({ spec }) => {
      spec.suspend = false;
    }),
  ),
  inRotation(
    `${JOB}: the key may get to a disk`,
    object("CronJob", ({ spec }) => {
      spec.jobTemplate.spec.template.spec.volumes[0].emptyDir = {};
    }),
  ),
];
