/** The words of `kubectl`, as far as the pages and our scripts use them. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import {
  hasSucceeded,
  POD,
  refreshMounts,
  restartPod,
  runJob,
  takeIn,
  untilReady,
} from "./cluster.ts";
import { kustomize, manifestsIn } from "./manifests.ts";
import { applyText, create, get, remove } from "./objects.ts";
import { print, Refusal } from "./place.ts";
import { logOf } from "./service.ts";

export async function kubectl(argv: readonly string[]): Promise<number> {
  const words = withoutNamespace(argv);
  const [verb = "", kind = "", name = ""] = words;
  const act = ACTS[`${verb} ${kind}`] ?? ACTS[verb];
  if (act === undefined) throw new Error(`nobody plays kubectl ${verb} ${kind}`);
  await act({ words, kind, name, after: (flag) => words[words.indexOf(flag) + 1] ?? "" });
  return 0;
}

interface Given {
  readonly words: readonly string[];
  readonly kind: string;
  readonly name: string;
  /** The word behind a flag. */
  after(flag: string): string;
}

const ACTS: Readonly<Record<string, (given: Given) => void | Promise<void>>> = {
  "create secret": ({ words }) => {
    create(`secret/${words[3]}`, filesIn(words, "base64"));
    refreshMounts();
  },
  "delete secret": ({ name }) => remove(`secret/${name}`),
  "create configmap": ({ words, name }) => create(`configmap/${name}`, filesIn(words, "utf8")),
  "create job": async ({ name, after }) => {
    print(`job.batch/${name} created\n`);
    await runJob(name, after("--from"));
  },
  "rollout status": async ({ name }) => {
    await untilReady();
    print(`deployment "${basename(name)}" successfully rolled out\n`);
  },
  "rollout restart": async ({ name }) => {
    print(`deployment.apps/${basename(name)} restarted\n`);
    await restartPod();
  },
  "rollout undo": async ({ name }) => {
    print(`deployment.apps/${basename(name)} rolled back\n`);
    await restartPod();
  },
  wait: ({ words }) => {
    const job = basename(words.find((word) => word.startsWith("job/")) ?? "");
    if (!hasSucceeded(job))
      throw new Refusal(`error: timed out waiting for the condition on ${job}`);
    print(`job.batch/${job} condition met\n`);
  },
  logs: ({ words, kind }) => {
    const lines = logOf(kind.startsWith("job/") ? `job-${basename(kind)}` : POD).trimEnd();
    const tail = words.find((word) => word.startsWith("--tail="))?.slice("--tail=".length);
    const shown = lines.split("\n").slice(tail === undefined ? 0 : -Number(tail));
    print(`${shown.join("\n")}\n`);
  },
  "get pods": () => print("proxmox-mcp-0 127.0.0.1\n"),
  get: ({ kind, name, after }) => {
    // Only switch.sh asks for a Deployment: for how many of its pods are ready.
    if (kind.startsWith("deployment/")) print("2");
    else get(kind, name, after("--output"));
  },
  apply: ({ words, after }) => {
    const isServerSide = words.includes("--server-side");
    const directory = words.find((_, at) => ["-k", "--kustomize"].includes(words[at - 1] ?? ""));
    if (directory !== undefined) takeIn(kustomize(directory), isServerSide);
    else if (after("--filename") === "-") applyText(readFileSync(0, "utf8"));
    else takeIn(manifestsIn(after("-f")), isServerSide);
    refreshMounts();
  },
};

function withoutNamespace(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word) => word === "-n" || word === "--namespace");
  return at < 0 ? argv : [...argv.slice(0, at), ...argv.slice(at + 2)];
}

function filesIn(words: readonly string[], encoding: "base64" | "utf8"): Record<string, string> {
  return Object.fromEntries(
    words.flatMap((word) => {
      const [, entry, file] = /^--from-file=(?:([^=]+)=)?(.*)$/.exec(word) ?? [];
      return file === undefined
        ? []
        : [[entry ?? basename(file), readFileSync(file).toString(encoding)]];
    }),
  );
}
