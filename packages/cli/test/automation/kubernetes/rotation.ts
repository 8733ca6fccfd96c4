/** A cluster whose key is rotated at its source: the Jobs run with what their manifests say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { FIRST_KEY, openConfigs, PLAIN, sealTexts } from "../configs.ts";
import { createEvidence } from "../evidence.ts";
import { REPOSITORY } from "../github/rotation.ts";
import { keysIn } from "../keys.ts";
import type { Rotation, Texts } from "../rotation.ts";
import { type Kept, OBJECTS, objects, PODS, type Pod } from "../stubs/kubectl.ts";
import { REGISTRY, type Registry } from "../stubs/npm.ts";
import { readState, store, stored, writeState } from "../stubs/state.ts";
import type { Cli, World } from "../world.ts";

/** What a manifest of ours says of a Job's one container. */
interface CronJob {
  readonly spec: {
    readonly jobTemplate: {
      readonly spec: {
        readonly template: {
          readonly spec: {
            readonly containers: readonly {
              readonly command: readonly string[];
              readonly env: readonly { readonly name: string; readonly value: string }[];
            }[];
          };
        };
      };
    };
  };
}

const SECRET = "secret/proxmox-master-key";
const STORE = "kubernetes/proxmox-master-key/key";
const CONFIGMAP = "configmap/proxmox-config";
/** Names of entries have no directories. */
const ENTRIES: Texts = Object.fromEntries(
  Object.entries(PLAIN).map(([path, text]) => [path.replace(/.*\/(site a)?/, ""), text]),
);

/** A cluster with configs and one key, and with pods that run on them. */
export function createRotation({ world, cli }: { world: World; cli: Cli }): Rotation {
  const { directory } = world;
  const metadata = { namespace: "proxmox-mcp", resourceVersion: "100" };
  const key = Buffer.from(`${FIRST_KEY}\n`).toString("base64");
  writeState(directory, OBJECTS, {
    [SECRET]: { metadata: { ...metadata, name: "proxmox-master-key" }, data: { key } },
    [CONFIGMAP]: { metadata: { ...metadata, name: "proxmox-config" }, data: sealTexts(ENTRIES) },
  } satisfies Record<string, Kept>);
  writeState(directory, REGISTRY, cli satisfies Registry);
  store(directory, STORE, `${FIRST_KEY}\n`);
  const configs = (): Texts => objects(directory)[CONFIGMAP]?.data ?? {};
  const rotation: Rotation = {
    world,
    evidence: [],
    plain: ENTRIES,
    others: {},
    source: CONFIGMAP,
    async goOn(fault) {
      const evidence = createEvidence();
      const { switchboard } = world;
      // The next Job is started by who sees that every pod runs on the new key alone.
      const pods = readState<readonly Pod[]>(directory, PODS, []);
      const job = pods.length > 0 && pods.every(isDone) ? "retire" : "rotate";
      switchboard.begin(fault);
      switchboard.enter(job, "job");
      const machine = world.startMachine();
      const { command, env } = containerOf(
        join(REPOSITORY, `deploy/kubernetes/rotation/${job}.yaml`),
      );
      const here = (text: string): string =>
        text
          .replace(/^\/app\//, `${cli.installed}/node_modules/@proxmox-mcp/cli/`)
          .replace(/^\/work$/, machine.workspace);
      const end = await machine.runShell({
        argv: command.map(here),
        script: "",
        directory: machine.workspace,
        env: {
          ...machine.environment,
          ...Object.fromEntries(env.map(({ name, value }) => [name, here(value)])),
        },
      });
      evidence.printed.push(end.printed);
      evidence.left.push(...machine.throwAway());
      evidence.calls.push(...switchboard.calls);
      rotation.evidence.push(evidence);
      if (switchboard.surprises.length > 0) throw new Error(switchboard.surprises.join("\n"));
      const labels = evidence.calls.map(({ label }) => label);
      // A Job that failed is there to be seen.
      return { evidence, ok: end.status === 0, isTold: true, labels, printed: end.printed };
    },
    async advance() {
      const keys = keysIn(rotation.keyText());
      const [active] = keys;
      const { keyIds } = await openConfigs("a pod", configs(), ENTRIES, keys);
      const ready = { keys: { active: active?.id ?? "", opened_with: keyIds } };
      const pods = ["10.0.0.1", "10.0.0.2"].map((ip) => ({ name: `pod-${ip}`, ip, ready }));
      writeState(directory, PODS, pods satisfies Pod[]);
    },
    keyText: () => stored(directory, STORE) ?? "",
    places: () => ({ [CONFIGMAP]: configs() }),
    changes: () => ({}),
    said: () => [],
    openProposals: () => 0,
  };
  return rotation;

  function isDone({ ready }: Pod): boolean {
    const ids = new Set([ready?.keys.active, ...(ready?.keys.opened_with ?? [])]);
    return ids.size === 1 && !ids.has(keysIn(FIRST_KEY)[0]?.id ?? "");
  }
}

function containerOf(path: string) {
  const { spec } = parse(readFileSync(path, "utf8")) as CronJob;
  const [container] = spec.jobTemplate.spec.template.spec.containers;
  if (container === undefined) throw new Error(`${path}: no container`);
  return container;
}
