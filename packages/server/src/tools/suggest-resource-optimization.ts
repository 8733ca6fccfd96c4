/** suggest_resource_optimization: where resources are short, unused or unevenly spread. */
import { z } from "zod";
import {
  gatherOptimization,
  OPTIMIZATION_CALLS,
} from "../analysis/optimization/gather-optimization.ts";
import { OPTIMIZATION_RULES } from "../analysis/optimization/rules.ts";
import { REPORT, reportOf } from "../analysis/report.ts";
import { reportText } from "../analysis/report-text.ts";
import { defineTool, type Tool } from "./tool.ts";

export const suggestResourceOptimization: Tool = defineTool({
  name: "suggest_resource_optimization",
  title: "Suggest resource optimization",
  description:
    "Finds overcommitted and unevenly used nodes, guests that were idle or short of memory or processors over the last day, stopped guests that hold disks, and storages that fill up. The day is asked for of 50 guests at most. Findings have severity, measured values and a remedy. What could not be looked at is named in not_checked. Nothing leaves this machine.",
  mode: "read-only",
  effect: "read",
  recorded: [],
  calls: OPTIMIZATION_CALLS,
  input: z.strictObject({}),
  output: REPORT,
  async run(_args, { api, signal }) {
    const { facts, coverage } = await gatherOptimization(api, signal);
    return reportOf(OPTIMIZATION_RULES, facts, coverage);
  },
  text: (report) => reportText("Use of resources", report),
});
