/** What `kubectl apply` is given: manifests of ours, by themselves or through Kustomize. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";

/** A manifest, as far as a stand-in looks at it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

interface Kustomization {
  readonly resources?: readonly string[];
  readonly nameSuffix?: string;
}

export function manifestsIn(path: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(path, "utf8")).map((one) => one.toJS() as Manifest);
}

/** All that a directory leads to, without its patches. */
export function kustomize(directory: string): readonly Manifest[] {
  const path = join(directory, "kustomization.yaml");
  const { resources = [], nameSuffix = "" } = parse(readFileSync(path, "utf8")) as Kustomization;
  return resources
    .map((resource) => join(directory, resource))
    .flatMap((resource) =>
      statSync(resource).isDirectory() ? kustomize(resource) : manifestsIn(resource),
    )
    .map((one) => ({
      ...one,
      metadata: { ...one.metadata, name: one.metadata.name + nameSuffix },
    }));
}

/** As kubectl names it: `deployment.apps/NAME`. */
export function nameOf({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  return `${kind.toLowerCase()}${group}/${metadata.name}`;
}
