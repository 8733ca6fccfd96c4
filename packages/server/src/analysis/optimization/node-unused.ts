import type { Rule } from "../rule.ts";
import { isOnline, isRunning, nodeSubject } from "../subject.ts";
import { type OptimizationFacts, optimizationRule } from "./facts.ts";

/** In a cluster; a single host may be new. */
export const NODE_UNUSED: Rule<OptimizationFacts> = optimizationRule({
  id: "node.unused",
  title: "A node runs no guest while others do",
  severity: "info",
  threshold: null,
  remedy:
    "if it is no spare: move guests to it (`qm migrate VMID {node} --online`). This token may also not see its guests",
  needs: ["guests"],
  check: ({ nodes, guests }) => {
    const busy = new Set(guests.filter(isRunning).map(({ node }) => node));
    if (busy.size === 0) return [];
    return nodes
      .filter((entry) => isOnline(entry) && !busy.has(entry.node))
      .map(({ node }) => ({
        subject: nodeSubject(node),
        summary: `Node ${node} runs no guest`,
        evidence: { running_guests: 0 },
        about: { node },
      }));
  },
});
