/**
 * A cluster of one pod: the server runs with what the manifests say, its mounts follow the Secret and the
 * ConfigMap, and Jobs run their scripts.
 */
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Manifest, nameOf } from "./manifests.ts";
import { mount } from "./mounts.ts";
import { dataOf } from "./objects.ts";
import { keep, kept, print, Refusal, WORLD } from "./place.ts";
import { isRunning, run, start, stop } from "./service.ts";

/** The one pod, and the Deployment that it is of. Deployments by other names have none. */
export const POD = "proxmox-mcp";

interface Container {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

interface Template {
  readonly spec: { readonly containers: readonly Container[] };
}

/** Of a Deployment, and of a CronJob. */
interface Templates {
  readonly template?: Template;
  readonly jobTemplate?: { readonly spec: { readonly template: Template } };
}

/** Takes manifests in, and says so as `kubectl apply` does. */
export function takeIn(manifests: readonly Manifest[], isServerSide: boolean): void {
  const known = kept<Record<string, Manifest>>("manifests", {});
  for (const one of manifests) {
    const name = nameOf(one);
    const isSame = JSON.stringify(known[name]) === JSON.stringify(one);
    const done = isSame ? "unchanged" : name in known ? "configured" : "created";
    print(`${name} ${isServerSide ? "serverside-applied" : done}\n`);
    known[name] = one;
  }
  keep("manifests", known);
  const wantsPod = manifests.some((one) => nameOf(one) === `deployment.apps/${POD}`);
  if (wantsPod && !isRunning(POD)) startPod();
}

export async function restartPod(): Promise<void> {
  await stop(POD);
  startPod();
}

/** What the pod's volumes hold follows the objects. */
export function refreshMounts(): void {
  const [secret, configs] = [
    dataOf("secret/proxmox-master-key"),
    dataOf("configmap/proxmox-config"),
  ];
  const key = Buffer.from(secret["key"] ?? "", "base64");
  const now = JSON.stringify([secret, configs]);
  // What is deleted stays in the mounts that are there.
  if (kept("mounted", "") === now || key.length === 0) return;
  mount("/run/secrets/proxmox-mcp", { key });
  mount("/app/config", configs);
  keep("mounted", now);
}

/** Until the pod is ready. */
export async function untilReady(): Promise<void> {
  const [config = "{}"] = Object.values(dataOf("configmap/proxmox-config"));
  const { http } = JSON.parse(config) as { http?: { port?: number } };
  for (;;) {
    if (!isRunning(POD)) throw new Refusal("error: timed out waiting for the condition");
    try {
      if ((await fetch(`http://127.0.0.1:${http?.port}/readyz`)).ok) return;
    } catch {
      // It does not listen yet.
    }
    await sleep(50);
  }
}

/** Runs a Job from its CronJob, to the end. */
export async function runJob(name: string, cronJob: string): Promise<void> {
  const { command = [], env } = containerOf(`cronjob.batch/${basename(cronJob)}`);
  mkdirSync(join(WORLD, "work"), { recursive: true });
  keep(`jobs/${name}`, await run(`job-${name}`, { argv: command, env: variables(env) }));
}

export function hasSucceeded(job: string): boolean {
  return kept<number>(`jobs/${job}`, 1) === 0;
}

function startPod(): void {
  refreshMounts();
  const { command = [], args = [], env } = containerOf(`deployment.apps/${POD}`);
  start(POD, { argv: [`/usr/local/bin/${command[0]}`, ...args], env: variables(env) });
}

function variables(env: Container["env"] = []): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value = "" }) => [name, value]));
}

function containerOf(name: string): Container {
  const manifest = kept<Record<string, Manifest>>("manifests", {})[name];
  if (manifest === undefined) throw new Refusal(`Error from server (NotFound): ${name} not found`);
  const { template, jobTemplate } = manifest.spec as Templates;
  const pod = template ?? jobTemplate?.spec.template;
  return pod?.spec.containers[0] ?? {};
}
