import type { Rule } from "../rule.ts";
import { type SecurityFacts, securityRule } from "./facts.ts";

/** While it is off here, the rules of nodes and guests do nothing. */
export const FIREWALL_OFF: Rule<SecurityFacts> = securityRule({
  id: "firewall.off",
  title: "The firewall of the cluster is off",
  severity: "warning",
  threshold: null,
  remedy:
    "first allow your own network to ports 8006 and 22, or you lock yourself out: `pvesh create /cluster/firewall/rules --type in --action ACCEPT --proto tcp --dport 8006,22 --source NETWORK --enable 1`; then `pvesh set /cluster/firewall/options --enable 1`. Not needed where another firewall stands before the cluster",
  needs: ["firewall"],
  check: ({ firewall }) =>
    firewall.enable
      ? []
      : [
          {
            subject: "cluster",
            summary: "The firewall is off for the whole cluster, whatever nodes and guests say",
            evidence: { enabled: false },
          },
        ],
});
