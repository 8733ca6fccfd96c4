/** The pods that rendered objects would start. */
import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { CronJob } from "kubernetes-types/batch/v1.js";
import type { Container, PodTemplateSpec } from "kubernetes-types/core/v1.js";
import type { KubernetesObject } from "./manifests.ts";

/** What pods are made of, and by whom. */
export interface Pods {
  /** `Deployment proxmox-mcp`. */
  readonly owner: string;
  readonly kind: "Deployment" | "CronJob";
  readonly namespace: string | undefined;
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: NonNullable<PodTemplateSpec["spec"]>;
  readonly containers: readonly Container[];
}

export function podsOf(objects: readonly KubernetesObject[]): readonly Pods[] {
  return [
    ...ofKind<Deployment>(objects, "Deployment").map((deployment) =>
      pods(deployment, "Deployment", deployment.spec?.template, deployment.spec?.replicas ?? 1),
    ),
    ...ofKind<CronJob>(objects, "CronJob").map((job) =>
      pods(job, "CronJob", job.spec?.jobTemplate.spec?.template, 1),
    ),
  ];
}

/** Those of one kind; `types.ts` has checked that they are what they say. */
export function ofKind<T>(objects: readonly KubernetesObject[], kind: string): readonly T[] {
  return objects.filter((object) => object.kind === kind) as unknown as T[];
}

/** Whether a selector picks something with these labels. One that names nothing picks nothing here. */
export function picks(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}

function pods(
  owner: Deployment | CronJob,
  kind: Pods["kind"],
  template: PodTemplateSpec | undefined,
  replicas: number,
): Pods {
  const name = `${kind} ${owner.metadata?.name}`;
  if (template?.spec === undefined) throw new Error(`${name} has no pods`);
  const { metadata, spec } = template;
  return {
    owner: name,
    kind,
    namespace: owner.metadata?.namespace,
    replicas,
    labels: metadata?.labels ?? {},
    spec,
    containers: [...spec.containers, ...(spec.initContainers ?? [])],
  };
}
