/** diagnose_vm_issues: what is wrong with one guest. */
import { z } from "zod";
import { GUEST_CALLS, gatherGuest } from "../analysis/guest/gather-guest.ts";
import { GUEST_RULES } from "../analysis/guest/rules.ts";
import { REPORT, reportOf } from "../analysis/report.ts";
import { reportText } from "../analysis/report-text.ts";
import { targetOf } from "../guests/find-guest.ts";
import { NODE_OF_GUEST, VMID } from "./arguments.ts";
import { defineTool, type Tool } from "./tool.ts";

export const diagnoseVmIssues: Tool = defineTool({
  name: "diagnose_vm_issues",
  title: "Diagnose a guest",
  description:
    "Checks one virtual machine or container against fixed rules: state, locks, guest agent, memory, disks and their storages, boot order, snapshots, failed tasks, backup coverage, what blocks migration. Findings have severity, measured values and a remedy. What could not be looked at is named in not_checked. Nothing leaves this machine.",
  mode: "read-only",
  effect: "read",
  recorded: ["node", "vmid"],
  calls: GUEST_CALLS,
  input: z.strictObject({ node: NODE_OF_GUEST, vmid: VMID }),
  output: REPORT,
  async run({ node, vmid }, { api, signal, now, about }) {
    const { facts, coverage } = await gatherGuest(api, { node, vmid, now: now(), signal });
    about(targetOf(facts.guest));
    return reportOf(GUEST_RULES, facts, coverage);
  },
  text: (report) => reportText("Guest", report),
});
