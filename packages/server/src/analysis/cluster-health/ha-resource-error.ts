import type { Rule } from "../rule.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

/** HA has given the guest up and waits for a person. */
export const HA_RESOURCE_ERROR: Rule<ClusterHealthFacts> = clusterRule({
  id: "ha.resource-error",
  title: "HA has given a guest up",
  severity: "critical",
  threshold: null,
  remedy:
    "mend what made it fail (diagnose_vm_issues, `journalctl -u pve-ha-lrm`), then leave the error state: `ha-manager set {sid} --state disabled`, and once it is stopped `ha-manager set {sid} --state started`",
  needs: ["ha"],
  check: ({ ha }) =>
    ha.flatMap(({ type, sid, state, node }) =>
      type !== "service" || sid === undefined || state !== "error"
        ? []
        : [
            {
              subject: `ha/${sid}`,
              summary: `HA resource ${sid} is in state error${node === undefined ? "" : ` on node ${node}`}`,
              evidence: { state, node: node ?? null },
              about: { sid },
            },
          ],
    ),
});
