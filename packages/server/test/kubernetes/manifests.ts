/** The manifests of deploy/kubernetes, as they are in the files and as kubectl renders them. */
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseAllDocuments } from "yaml";

/** The directory in the repository. */
export const MANIFESTS: string = join(import.meta.dirname, "../../../../deploy/kubernetes");

/** An object of Kubernetes; `types.ts` knows what is in it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

interface Kustomization extends KubernetesObject {
  /** Those without a path stand in the Kustomization itself. */
  readonly patches?: readonly { readonly path?: string }[];
}

/** Why nothing can be rendered, `undefined` where it can. */
export const unrenderable: string | undefined =
  spawnSync("kubectl", ["kustomize", "--help"]).status === 0
    ? undefined
    : "there is no kubectl on the PATH";

/** Every YAML file, relative to the directory. */
export function yamlFiles(): readonly string[] {
  return readdirSync(MANIFESTS, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".yaml"))
    .sort();
}

/** What the files hold, before anything is rendered. */
export interface Shipped {
  /** Whole objects. */
  readonly objects: KubernetesObject[];
  /** Parts of objects, which Kustomize merges into others. */
  readonly patches: KubernetesObject[];
}

/** Every object and every patch that has a file of its own. */
export function shipped(): Shipped {
  const patched = kustomizations().flatMap((directory) =>
    (read(join(directory, "kustomization.yaml")) as readonly Kustomization[])
      .flatMap(({ patches = [] }) => patches)
      .flatMap(({ path }) => (path === undefined ? [] : [join(directory, path)])),
  );
  const files = yamlFiles().filter((path) => !path.endsWith("kustomization.yaml"));
  return {
    objects: files.filter((path) => !patched.includes(path)).flatMap(read),
    patches: patched.flatMap(read),
  };
}

/** Every directory that can be applied, relative to the directory; the parts of others among them. */
export function kustomizations(): readonly string[] {
  return yamlFiles()
    .filter((path) => path.endsWith("kustomization.yaml"))
    .map((path) => dirname(path));
}

/**
 * Copies all of it, with the one file that a site adds.
 *
 * @param encryptedConfig the text of that file.
 * @returns a function that renders a directory of the copy.
 */
export function copyManifests(
  directory: string,
  encryptedConfig: string,
): (kustomization: string) => KubernetesObject[] {
  cpSync(MANIFESTS, directory, { recursive: true });
  writeFileSync(join(directory, "overlays/config-from-git/config.encrypted.json"), encryptedConfig);
  return (kustomization) => render(join(directory, kustomization));
}

function render(directory: string): KubernetesObject[] {
  const { status, stdout, stderr } = spawnSync("kubectl", ["kustomize", directory], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${relative(MANIFESTS, directory)}: ${stderr}`);
  return parseManifests(stdout);
}

function read(path: string): KubernetesObject[] {
  return parseManifests(readFileSync(join(MANIFESTS, path), "utf8"));
}

/** Parses as Kubernetes does: YAML 1.1, in which 0440 is octal. @throws on what is not well formed. */
export function parseManifests(text: string): KubernetesObject[] {
  return parseAllDocuments(text, { version: "1.1" }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS() as KubernetesObject;
  });
}
