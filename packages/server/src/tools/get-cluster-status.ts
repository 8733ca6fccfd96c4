/** `get_cluster_status`: membership and quorum. */
import { z } from "zod";
import { clusterStatus } from "../proxmox/cluster.ts";
import { CLUSTER_STATUS } from "../proxmox/endpoints.ts";
import { amount, footnotes, known, UNREACHABLE_NODES, UNREADABLE, wording } from "./fields.ts";
import { lines, table } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";

const cluster = z.object({
  name: z.string(),
  quorate: z.boolean().describe("Whether enough nodes are there for changes to be allowed"),
  nodes_total: amount("How many nodes belong to the cluster"),
  config_version: amount("Counts the changes of the cluster's membership"),
});

const node = z.object({
  node: z.string(),
  online: z.boolean(),
  local: z.boolean().describe("The node that answered"),
  id: amount("Its number in the cluster; 0 on a standalone host"),
  ip: wording("Its address in the cluster"),
});

export const getClusterStatus: Tool = defineTool({
  name: "get_cluster_status",
  title: "Cluster status",
  description: "Shows the cluster's name, whether it has quorum, and which nodes are online.",
  mode: "read-only",
  effect: "read",
  recorded: [],
  calls: [CLUSTER_STATUS],
  input: z.strictObject({}),
  output: z.object({
    cluster: cluster.nullable().describe("null on a host that belongs to no cluster"),
    nodes: z.array(node),
    unreachable_nodes: UNREACHABLE_NODES,
    unreadable: UNREADABLE,
  }),
  async run(_args, { api, signal }) {
    const status = await clusterStatus(api, { signal });
    const nodes = status.nodes.map((item) => ({
      node: item.name,
      online: item.online,
      local: item.local,
      id: known(item.nodeid),
      ip: known(item.ip),
    }));
    const { cluster: facts } = status;
    return {
      cluster:
        facts === undefined
          ? null
          : {
              name: facts.name,
              quorate: facts.quorate,
              nodes_total: known(facts.nodes),
              config_version: known(facts.version),
            },
      nodes: nodes.sort((a, b) => (a.node < b.node ? -1 : 1)),
      unreachable_nodes: nodes.flatMap((item) => (item.online ? [] : [item.node])).sort(),
      unreadable: status.unreadable,
    };
  },
  text: ({ cluster: facts, nodes, ...notes }) =>
    `${
      facts === null
        ? "A standalone host, in no cluster"
        : lines([
            ["Cluster", facts.name],
            ["Quorum", facts.quorate ? "yes" : "NO: changes are refused"],
            ["Nodes", `${nodes.filter(({ online }) => online).length} of ${nodes.length} online`],
          ])
    }\n\n${table(
      ["NODE", "STATUS", "ID", "ADDRESS"],
      nodes.map((item) => [item.node, item.online ? "online" : "OFFLINE", item.id, item.ip]),
    )}${footnotes(notes)}`,
});
