/** Objects and patches against the published types of Kubernetes: wrong names and wrong types are found. */
import { spawnSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "./manifests.ts";

const PACKAGE = join(import.meta.dirname, "../../node_modules/kubernetes-types");
const TSC = join(import.meta.dirname, "../../../../node_modules/.bin/tsc");
const OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  module: "esnext",
  moduleResolution: "bundler",
  types: [],
};
// A part of an object: Kustomize takes away what is null, and does what $patch says to an entry of a list.
const PATCH = `type Patch<T> = T extends readonly (infer Entry)[] ? Patch<Entry>[]
  : T extends object ? { [Name in keyof T]?: Patch<T[Name]> | null } & { $patch?: "delete" | "replace" }
  : T;`;

/**
 * Writes each object as a constant of its type, and has the compiler look at it.
 *
 * @param directory an empty one.
 * @param patches parts of objects.
 * @returns what the compiler complains of; nothing where all is well.
 */
export function typeProblems(
  directory: string,
  objects: readonly KubernetesObject[],
  patches: readonly KubernetesObject[] = [],
): readonly string[] {
  mkdirSync(join(directory, "node_modules"), { recursive: true });
  symlinkSync(realpathSync(PACKAGE), join(directory, "node_modules/kubernetes-types"));
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions: OPTIONS, files: ["objects.ts"] }),
  );
  const constants = [
    ...objects.map((object, index) => typed(object, `Object${index}`)),
    ...patches.map((patch, index) => typed(patch, `Patch${index}`, `Patch<Patch${index}>`)),
  ];
  writeFileSync(join(directory, "objects.ts"), [PATCH, ...constants].join("\n"));
  const { status, stdout, stderr } = spawnSync(TSC, ["-p", directory, "--pretty", "false"], {
    encoding: "utf8",
  });
  const lines = (stdout + stderr).split("\n").filter((line) => line.trim() !== "");
  return status === 0 ? lines : [`tsc ended with ${status}`, ...lines];
}

function typed(object: KubernetesObject, name: string, type: string = name): string {
  return [
    `import type { ${object.kind} as ${name} } from "kubernetes-types/${moduleOf(object)}";`,
    `export const its${name}: ${type} = ${JSON.stringify(object, null, 2)};`,
  ].join("\n");
}

/** `rbac.authorization.k8s.io/v1` is in the module `rbac/v1`, and `v1` in `core/v1`. */
function moduleOf({ apiVersion }: KubernetesObject): string {
  const [group = "", version] = apiVersion.split("/");
  return version === undefined ? `core/${group}` : `${group.split(".")[0]}/${version}`;
}
