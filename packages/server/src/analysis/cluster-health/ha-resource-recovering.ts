import type { Rule } from "../rule.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

const STATES: ReadonlySet<string | undefined> = new Set(["fence", "recovery"]);

/** Its node is being fenced, or no other node takes it. */
export const HA_RESOURCE_RECOVERING: Rule<ClusterHealthFacts> = clusterRule({
  id: "ha.resource-recovering",
  title: "HA is moving a guest away from a failed node",
  severity: "warning",
  threshold: null,
  remedy:
    "watch `ha-manager status`. One that stays in recovery finds no node: bring one back that its rules allow and that has its storages and enough memory",
  needs: ["ha"],
  check: ({ ha }) =>
    ha.flatMap(({ type, sid, state, node }) =>
      type !== "service" || sid === undefined || state === undefined || !STATES.has(state)
        ? []
        : [
            {
              subject: `ha/${sid}`,
              summary: `HA resource ${sid} is in state ${state}`,
              evidence: { state, node: node ?? null },
            },
          ],
    ),
});
