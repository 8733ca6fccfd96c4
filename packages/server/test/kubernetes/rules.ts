/** All of our own rules. */
import { accessProblems } from "./access-rules.ts";
import type { KubernetesObject } from "./manifests.ts";
import { podProblems } from "./pod-rules.ts";
import { podsOf } from "./pods.ts";
import { wiringProblems } from "./wiring-rules.ts";

/** @returns what is wrong with objects that are applied together, as `OBJECT: problem`. */
export function ruleProblems(objects: readonly KubernetesObject[]): readonly string[] {
  return [
    ...podsOf(objects).flatMap(podProblems),
    ...wiringProblems(objects),
    ...accessProblems(objects),
  ];
}
