/** Secrets and ConfigMaps of the cluster. */
import { keep, kept, print, Refusal } from "./place.ts";

/** What the cluster has of one. The values of a Secret are in base64. */
interface Kept {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data: Readonly<Record<string, string>>;
}

const KINDS: Readonly<Record<string, string>> = { secret: "Secret", configmap: "ConfigMap" };

export function dataOf(path: string): Readonly<Record<string, string>> {
  return objects()[path]?.data ?? {};
}

export function create(path: string, data: Readonly<Record<string, string>>): void {
  const [kind, name = ""] = path.split("/");
  if (objects()[path] !== undefined)
    throw new Refusal(`error: failed to create ${kind}: ${kind}s "${name}" already exists`);
  put(path, data);
  print(`${path} created\n`);
}

export function remove(path: string): void {
  const [kind, name] = path.split("/");
  if (objects()[path] === undefined) throw new Refusal(`Error from server (NotFound): ${path}`);
  const { [path]: _, ...others } = objects();
  keep("objects", others);
  print(`${kind} "${name}" deleted\n`);
}

/** `get KIND NAME`, in the two forms that our scripts ask for. */
export function get(kind: string, name: string, output: string): void {
  const found = objects()[`${kind}/${name}`];
  if (found === undefined) throw new Refusal(`Error from server (NotFound): ${name} not found`);
  if (output === "json") {
    print(JSON.stringify({ apiVersion: "v1", kind: KINDS[kind], ...found }));
    return;
  }
  const entry = /index \. "([^"]+)"/.exec(output)?.[1] ?? "";
  print(`${found.metadata.resourceVersion} ${found.data[entry] ?? ""}`);
}

/** An object that was read before must be as it was then. */
export function applyText(text: string): void {
  const given = JSON.parse(text) as Kept & { readonly kind: string };
  const path = `${given.kind.toLowerCase()}/${given.metadata.name}`;
  const { resourceVersion: version } = given.metadata;
  if (version !== undefined && version !== objects()[path]?.metadata.resourceVersion)
    throw new Refusal("the object has been modified; please apply your changes to the latest");
  put(path, { ...dataOf(path), ...given.data });
  print(`${path} serverside-applied\n`);
}

function put(path: string, data: Readonly<Record<string, string>>): void {
  const before = objects()[path]?.metadata.resourceVersion ?? "100";
  const metadata = { name: path.split("/")[1] ?? "", resourceVersion: String(Number(before) + 1) };
  keep("objects", { ...objects(), [path]: { metadata, data } });
}

function objects(): Readonly<Record<string, Kept>> {
  return kept("objects", {});
}
