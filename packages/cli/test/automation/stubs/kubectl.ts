/** The command line tool of Kubernetes, as far as the scripts use it. */
import { readArguments } from "./arguments.ts";
import { type Outside, Refusal, type Reply } from "./call.ts";
import { readState, store, writeState } from "./state.ts";

/** What the cluster keeps of a Secret or a ConfigMap. */
export interface Kept {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
  };
  readonly data: Readonly<Record<string, string>>;
}

/** A pod, and what it says of itself at its address. */
export interface Pod {
  readonly name: string;
  readonly ip: string;
  readonly ready: { readonly keys: { active: string; opened_with: readonly string[] } } | null;
}

/** Files of the state. */
export const OBJECTS = "kubernetes/objects.json";
export const PODS = "kubernetes/pods.json";

const WITH_VALUE =
  "--namespace --output --selector --field-selector --field-manager --filename".split(" ");
const ALONE = ["--ignore-not-found", "--server-side", "--force-conflicts"];

export async function kubectl(outside: Outside): Promise<Reply> {
  const { words, options } = readArguments(outside.argv, WITH_VALUE, ALONE);
  const [verb = "", kind = "", name = ""] = words;
  if (verb === "apply") return await apply(outside, options);
  if (verb !== "get") throw new Error(`nobody plays kubectl ${verb}`);
  const { "--output": output = "" } = options;
  if (kind === "pods") {
    const pods = readState<readonly Pod[]>(outside.world, PODS, []);
    return { print: pods.map((pod) => `${pod.name} ${pod.ip}\n`).join("") };
  }
  const found = objects(outside.world)[`${kind}/${name}`];
  if (found === undefined) {
    if (options["--ignore-not-found"] !== undefined) return { print: "" };
    throw new Refusal(`Error from server (NotFound): ${kind} "${name}" not found`);
  }
  if (output === "json") {
    const { metadata, data } = found;
    const kinds: Record<string, string> = { configmap: "ConfigMap" };
    return { print: JSON.stringify({ apiVersion: "v1", kind: kinds[kind], metadata, data }) };
  }
  const [, entry = ""] = /index \. "([^"]+)"/.exec(output) ?? [];
  const template = `go-template={{.metadata.resourceVersion}}{{with .data}}{{with index . "${entry}"}} {{.}}{{end}}{{end}}`;
  if (output !== template) throw new Error(`nobody plays ${output}`);
  const text = found.data[entry];
  return { print: found.metadata.resourceVersion + (text === undefined ? "" : ` ${text}`) };
}

export function objects(world: string): Readonly<Record<string, Kept>> {
  return readState(world, OBJECTS, {});
}

async function apply(outside: Outside, options: Readonly<Record<string, string>>): Promise<Reply> {
  const { world } = outside;
  if (options["--server-side"] === undefined || options["--filename"] !== "-")
    throw new Error("nobody plays this apply");
  const given = JSON.parse(await outside.stdin()) as Kept & { kind: string };
  const path = `${given.kind.toLowerCase()}/${given.metadata.name}`;
  const known = objects(world);
  const before = known[path];
  const { resourceVersion } = given.metadata;
  if (resourceVersion !== undefined && resourceVersion !== before?.metadata.resourceVersion)
    throw new Refusal(
      "the object has been modified; please apply your changes to the latest version",
    );
  if (before === undefined && resourceVersion !== undefined) throw new Refusal("not found");
  const next = {
    metadata: {
      name: given.metadata.name,
      namespace: "default",
      resourceVersion: String(Number(before?.metadata.resourceVersion ?? 100) + 1),
    },
    data: { ...before?.data, ...given.data },
  };
  if (given.kind === "Secret") {
    for (const [name, text] of Object.entries(given.data)) {
      store(
        world,
        `kubernetes/${given.metadata.name}/${name}`,
        Buffer.from(text, "base64").toString("utf8"),
      );
    }
  }
  writeState(world, OBJECTS, { ...known, [path]: next });
  return { print: "" };
}
