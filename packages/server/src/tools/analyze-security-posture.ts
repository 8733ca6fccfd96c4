/** analyze_security_posture: who may do too much, and what stands open. */
import { z } from "zod";
import { REPORT, reportOf } from "../analysis/report.ts";
import { reportText } from "../analysis/report-text.ts";
import { gatherSecurity, SECURITY_CALLS } from "../analysis/security/gather-security.ts";
import { SECURITY_RULES } from "../analysis/security/rules.ts";
import { defineTool, type Tool } from "./tool.ts";

export const analyzeSecurityPosture: Tool = defineTool({
  name: "analyze_security_posture",
  title: "Analyze security posture",
  description:
    "Checks users, API tokens, second factors, access control, the cluster's firewall, certificates and this server's own rights against fixed rules, and gives findings with severity, measured values and a remedy. What could not be looked at is named in not_checked. Nothing leaves this machine.",
  mode: "read-only",
  effect: "read",
  recorded: [],
  calls: SECURITY_CALLS,
  input: z.strictObject({}),
  output: REPORT,
  async run(_args, { api, config, now, signal }) {
    const { facts, coverage } = await gatherSecurity(api, { config, now: now(), signal });
    return reportOf(SECURITY_RULES, facts, coverage);
  },
  text: (report) => reportText("Security", report),
});
