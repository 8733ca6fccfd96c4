/** What every pod of ours keeps to. */
import type { Container, Probe } from "kubernetes-types/core/v1.js";
import type { Pods } from "./pods.ts";

/** Seconds that the server may take after SIGTERM. */
const ENDING = 10;

/** @returns each rule that is broken, as `OWNER: rule`. */
export function podProblems(pods: Pods): readonly string[] {
  const { spec, containers, kind } = pods;
  const security = spec.securityContext ?? {};
  const [container] = spec.containers;
  const rules: readonly (readonly [boolean, string])[] = [
    [security.runAsNonRoot === true, "the pod may run as root"],
    [(security.runAsUser ?? 0) > 0, "the pod has no user id of its own"],
    [security.fsGroup === security.runAsGroup, "fsGroup is not the group of the process"],
    [
      security.seccompProfile?.type === "RuntimeDefault",
      "the seccomp profile is not RuntimeDefault",
    ],
    [spec.enableServiceLinks === false, "variables name every Service of the namespace"],
    [
      spec.automountServiceAccountToken === (kind === "CronJob"),
      "a token of an account is mounted",
    ],
    [!(spec.hostNetwork || spec.hostPID || spec.hostIPC), "a namespace of the host is used"],
    [(spec.volumes ?? []).every(({ hostPath }) => !hostPath), "a path of the host is mounted"],
    ...(kind === "Deployment" && container !== undefined ? serverRules(pods, container) : []),
    ...containers.flatMap(containerRules),
  ];
  return rules.filter(([kept]) => !kept).map(([, problem]) => `${pods.owner}: ${problem}`);
}

function containerRules(container: Container): readonly (readonly [boolean, string])[] {
  const { name, image = "", securityContext: security = {}, resources = {} } = container;
  const { requests = {}, limits = {} } = resources;
  const sizes = [requests["cpu"], requests["memory"], limits["cpu"], limits["memory"]];
  const values = (container.env ?? []).filter(({ value }) => value !== undefined);
  return [
    [/(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image), `${name} has an image of any age`],
    [security.readOnlyRootFilesystem === true, `${name} may write into its image`],
    [security.allowPrivilegeEscalation === false, `${name} may gain privileges`],
    [security.privileged !== true, `${name} is privileged`],
    [security.capabilities?.drop?.includes("ALL") === true, `${name} keeps capabilities`],
    [security.capabilities?.add === undefined, `${name} is given capabilities`],
    [sizes.every((size) => size !== undefined), `${name} lacks a request or a limit`],
    [
      values.every((one) => one.name.endsWith("_FILE") || !/KEY|SECRET|TOKEN|PASS/.test(one.name)),
      `${name} has a secret as the value of a variable`,
    ],
    [
      (container.volumeMounts ?? []).every((one) => !(one.subPath || one.subPathExpr)),
      `${name} mounts by subPath, and would never see a change`,
    ],
  ];
}

function serverRules(
  { spec, replicas }: Pods,
  container: Container,
): readonly (readonly [boolean, string])[] {
  const { startupProbe, livenessProbe, readinessProbe, lifecycle } = container;
  const probes = [startupProbe, livenessProbe, readinessProbe];
  const before = lifecycle?.preStop?.sleep?.seconds ?? 0;
  const starts = startupProbe?.exec === undefined ? asks(startupProbe, "/livez") : true;
  return [
    [replicas >= 2, "there are fewer than two replicas"],
    [(spec.topologySpreadConstraints ?? []).length > 0, "the replicas may share a node"],
    [(spec.terminationGracePeriodSeconds ?? 30) > before + ENDING, "it is killed before its end"],
    [before > 0, "it takes no connection while some are still sent"],
    [probes.every(isPatient), "a probe is given less time than it may take"],
    [starts, "the start is not probed by /livez or --test"],
    [asks(livenessProbe, "/livez"), "life is not probed by /livez"],
    [asks(readinessProbe, "/readyz"), "readiness is not probed by /readyz"],
  ];
}

function asks(probe: Probe | undefined, path: string): boolean {
  return probe?.httpGet?.path === path && probe.httpGet.port === "http";
}

/** A second is the default, and `--test` takes four at a tenth of a processor. */
function isPatient(probe: Probe | undefined): boolean {
  return (probe?.timeoutSeconds ?? 1) >= (probe?.exec === undefined ? 2 : 10);
}
