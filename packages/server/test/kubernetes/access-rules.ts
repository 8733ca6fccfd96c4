/** What the Jobs that rotate keys may do, and how they do it. */
import type { CronJob } from "kubernetes-types/batch/v1.js";
import type { Role, RoleBinding } from "kubernetes-types/rbac/v1.js";
import type { KubernetesObject } from "./manifests.ts";
import { ofKind } from "./pods.ts";

const ALLOWED: readonly string[] = [
  "get,patch secrets proxmox-master-key",
  "get,patch configmaps proxmox-config",
  "list pods *",
];

/** @returns what is too much, or will not work. */
export function accessProblems(objects: readonly KubernetesObject[]): readonly string[] {
  const roles = ofKind<Role>(objects, "Role");
  const accounts = ofKind<KubernetesObject>(objects, "ServiceAccount").map(
    ({ metadata }) => metadata.name,
  );
  return [
    ...objects
      .filter(({ kind }) => kind.startsWith("Cluster"))
      .map(({ kind }) => `${kind}: it reaches beyond the namespace`),
    ...roles.flatMap(({ metadata, rules = [] }) =>
      rules
        .map(({ verbs, resources = [], resourceNames = ["*"] }) =>
          [verbs.toSorted().join(","), resources.join(","), resourceNames.join(",")].join(" "),
        )
        .filter((rule) => !ALLOWED.includes(rule))
        .map((rule) => `Role ${metadata?.name}: ${rule}`),
    ),
    ...ofKind<RoleBinding>(objects, "RoleBinding").flatMap(({ metadata, roleRef, subjects = [] }) =>
      [
        ...(roles.some(({ metadata }) => metadata?.name === roleRef.name)
          ? []
          : ["there is no such Role"]),
        ...(subjects.every(({ kind, name }) => kind === "ServiceAccount" && accounts.includes(name))
          ? []
          : ["somebody else is bound"]),
      ].map((problem) => `RoleBinding ${metadata?.name}: ${problem}`),
    ),
    ...ofKind<CronJob>(objects, "CronJob").flatMap((job) => jobProblems(job, accounts)),
  ];
}

function jobProblems({ metadata, spec }: CronJob, accounts: readonly string[]): readonly string[] {
  const job = spec?.jobTemplate.spec;
  const pod = job?.template.spec;
  const rules: readonly (readonly [boolean, string])[] = [
    [spec?.suspend === true, "it begins by itself"],
    [spec?.concurrencyPolicy === "Forbid", "two may run at once"],
    [(job?.activeDeadlineSeconds ?? 0) > 0, "it may hang for ever"],
    [pod?.restartPolicy === "Never", "a restart would find what an earlier try left"],
    [accounts.includes(pod?.serviceAccountName ?? ""), "its account does not exist"],
    [
      (pod?.volumes ?? []).every(({ emptyDir }) => emptyDir?.medium === "Memory"),
      "the key may get to a disk",
    ],
  ];
  return rules
    .filter(([kept]) => !kept)
    .map(([, problem]) => `CronJob ${metadata?.name}: ${problem}`);
}
