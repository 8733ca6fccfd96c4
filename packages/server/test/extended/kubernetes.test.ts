/**
 * The manifests of deploy/kubernetes: the published types of Kubernetes fit what is in the files and what
 * kubectl renders of them, and that keeps our own rules. Each check is shown to find what it is for.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { BREAKS, find } from "../kubernetes/breaks.ts";
import {
  copyManifests,
  type KubernetesObject,
  kustomizations,
  MANIFESTS,
  parseManifests,
  shipped,
  unrenderable,
  yamlFiles,
} from "../kubernetes/manifests.ts";
import { ruleProblems } from "../kubernetes/rules.ts";
import { typeProblems } from "../kubernetes/types.ts";
import { scratch } from "../scratch.ts";

const SHIPPED = [
  "CronJob",
  "Deployment",
  "Namespace",
  "NetworkPolicy",
  "PodDisruptionBudget",
  "Role",
  "RoleBinding",
  "Service",
  "ServiceAccount",
];
// Kustomize makes one of a file of the site.
const RENDERED = ["ConfigMap", ...SHIPPED];

if (unrenderable !== undefined) {
  process.stderr.write(
    `SKIPPED: the manifests are not rendered and our rules not applied, ${unrenderable}\n`,
  );
}

test("every file is well formed", () => {
  expect(yamlFiles().length).toBeGreaterThan(20);
  for (const path of yamlFiles()) {
    expect(() => parseManifests(readFileSync(join(MANIFESTS, path), "utf8")), path).not.toThrow();
  }
});

test("every object and every patch in the files fits the types of Kubernetes", () => {
  const { objects, patches } = shipped();
  expect(new Set(objects.map(({ kind }) => kind))).toEqual(new Set(SHIPPED));
  expect(patches.length).toBeGreaterThan(2);
  expect(typeProblems(scratch(), objects, patches)).toEqual([]);
});

test("wrong names and wrong types are found", () => {
  const { objects, patches } = structuredClone(shipped());
  const { spec } = find(objects, "Deployment");
  const [container] = spec.template.spec.containers;
  spec.replicas = "2";
  container.livenessProbe.timeoutSecond = 5;
  container.ports[0].containerport = 8080;
  find(objects, "NetworkPolicy").spec.egress = [{ to: [{ ipBlock: "192.0.2.0/24" }] }];
  const [patched] = find(patches, "Deployment").spec.template.spec.containers;
  patched.startupProbes = {};
  delete find(objects, "Role").rules[0].verbs;
  const problems = typeProblems(scratch(), objects, patches).join("\n");
  expect(problems).toMatch(/Type 'string' is not assignable to type 'number'/);
  expect(problems).toMatch(/'"timeoutSecond"' does not exist in type 'Probe'/);
  expect(problems).toMatch(/'"containerport"' does not exist in type 'ContainerPort'/);
  expect(problems).toMatch(/Type '"?string"?.*' .*'IPBlock'/);
  expect(problems).toMatch(/Property 'verbs' is missing in type .* 'PolicyRule'/);
  expect(problems).toMatch(/'"startupProbes"' does not exist in type/);
});

describe.skipIf(unrenderable !== undefined)(
  `the rendered manifests${unrenderable === undefined ? "" : ` (skipped: ${unrenderable})`}`,
  () => {
    const rendered = new Map<string, readonly KubernetesObject[]>();

    beforeAll(() => {
      const directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-kubernetes-"));
      try {
        const render = copyManifests(directory, "example");
        for (const name of kustomizations()) rendered.set(name, render(name));
      } finally {
        rmSync(directory, { recursive: true });
      }
    });

    test("fit the types of Kubernetes", () => {
      const objects = [...rendered.values()].flat();
      expect(new Set(objects.map(({ kind }) => kind))).toEqual(new Set(RENDERED));
      expect(typeProblems(scratch(), objects)).toEqual([]);
    });

    test("keep our rules", () => {
      for (const [name, objects] of rendered) expect(ruleProblems(objects), name).toEqual([]);
    });

    test.each(BREAKS)("a rule that is broken is found: %s", (problem, from, break_) => {
      const objects = structuredClone([...(rendered.get(from) ?? [])]);
      break_(objects);
      expect(ruleProblems(objects)).toContain(problem);
    });
  },
);
