import { counted } from "../../counted.ts";
import { rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { nodeSubject } from "../subject.ts";
import { type OptimizationFacts, optimizationRule } from "./facts.ts";
import { commitments } from "./overcommit.ts";

const THRESHOLD = { cpus_given_per_cpu: 4 } as const;

/** Sharing processors is usual; beyond this guests wait for one another. */
export const CPU_OVERCOMMITTED: Rule<OptimizationFacts> = optimizationRule({
  id: "node.cpu-overcommitted",
  title: "Running guests were given many more processors than their node has",
  severity: "info",
  threshold: THRESHOLD,
  remedy:
    "move guests from {node} to nodes with room (`qm migrate VMID TARGET --online`), or give those that are idle fewer: `qm set VMID --cores NUMBER`",
  needs: ["nodes", "guests"],
  check: (facts) =>
    commitments(facts, "maxcpu").flatMap(({ node, given, has, guests }) => {
      const perCpu = given / has;
      if (perCpu <= THRESHOLD.cpus_given_per_cpu) return [];
      return [
        {
          subject: nodeSubject(node),
          summary: `${counted(guests, "running guest")} of node ${node} have ${given} virtual processors on ${has} real ones`,
          evidence: {
            cpus_given_per_cpu: rounded(perCpu),
            cpus_given: given,
            cpus: has,
            running_guests: guests,
          },
          about: { node },
        },
      ];
    }),
});
