/** analyze_cluster_health: what is wrong with the cluster, its nodes and storages now. */
import { z } from "zod";
import {
  CLUSTER_HEALTH_CALLS,
  gatherClusterHealth,
} from "../analysis/cluster-health/gather-cluster-health.ts";
import { CLUSTER_HEALTH_RULES } from "../analysis/cluster-health/rules.ts";
import { REPORT, reportOf } from "../analysis/report.ts";
import { reportText } from "../analysis/report-text.ts";
import { defineTool, type Tool } from "./tool.ts";

export const analyzeClusterHealth: Tool = defineTool({
  name: "analyze_cluster_health",
  title: "Analyze cluster health",
  description:
    "Checks quorum, nodes, storages, high availability and backup coverage against fixed rules, and gives findings with severity, measured values and a remedy. What could not be looked at is named in not_checked. Nothing leaves this machine.",
  mode: "read-only",
  effect: "read",
  recorded: [],
  calls: CLUSTER_HEALTH_CALLS,
  input: z.strictObject({}),
  output: REPORT,
  async run(_args, { api, signal }) {
    const { facts, coverage } = await gatherClusterHealth(api, signal);
    return reportOf(CLUSTER_HEALTH_RULES, facts, coverage);
  },
  text: (report) => reportText("Cluster health", report),
});
