import { rounded } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { nodeSubject } from "../subject.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

const THRESHOLD = { load_15_minutes_per_cpu: 1.5 } as const;

/** More work waits than there are processors, for processors or for disks. */
export const NODE_LOAD_HIGH: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.load-high",
  title: "A node has had more work than processors for a quarter of an hour",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "see on {node} what it waits for: processors or disks (`vmstat 5 3`: column r against b and wa); then move guests away, or slow down backups",
  needs: ["nodeStatuses"],
  check: ({ nodeStatuses }) =>
    nodeStatuses.flatMap(({ node, loadavg, cpuinfo }) => {
      const load = loadavg[2];
      const cpus = cpuinfo?.cpus;
      if (load === undefined || cpus === undefined || cpus <= 0) return [];
      const perCpu = load / cpus;
      if (perCpu < THRESHOLD.load_15_minutes_per_cpu) return [];
      return [
        {
          subject: nodeSubject(node),
          summary: `Node ${node} had a load of ${rounded(load)} on ${cpus} processors over 15 minutes`,
          evidence: { load_15_minutes_per_cpu: rounded(perCpu), load_15_minutes: load, cpus },
          about: { node },
        },
      ];
    }),
});
