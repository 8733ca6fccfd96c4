import { counted } from "../../counted.ts";
import { gibibytes, percent, rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { nodeSubject } from "../subject.ts";
import { type OptimizationFacts, optimizationRule } from "./facts.ts";
import { commitments } from "./overcommit.ts";

const THRESHOLD = { memory_given_fraction: 1 } as const;

/** If all of them want what they were promised, the node cannot give it. */
export const MEMORY_OVERCOMMITTED: Rule<OptimizationFacts> = optimizationRule({
  id: "node.memory-overcommitted",
  title: "Running guests were given more memory than their node has",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "move guests from {node} to nodes with room (`qm migrate VMID TARGET --online`, `pct migrate VMID TARGET --restart`), or give some less: the rule guest.memory-unused names them",
  needs: ["nodes", "guests"],
  check: (facts) =>
    commitments(facts, "maxmem").flatMap(({ node, given, has, guests }) => {
      const fraction = given / has;
      if (fraction <= THRESHOLD.memory_given_fraction) return [];
      return [
        {
          subject: nodeSubject(node),
          summary: `${counted(guests, "running guest")} of node ${node} may use ${gibibytes(given)}, ${percent(fraction)} of its memory`,
          evidence: {
            memory_given_fraction: rounded(fraction),
            memory_given_bytes: given,
            memory_bytes: has,
            running_guests: guests,
          },
          about: { node },
        },
      ];
    }),
});
