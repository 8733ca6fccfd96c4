/** `get_nodes`: the nodes of the cluster. */
import { z } from "zod";
import { NODES } from "../proxmox/endpoints.ts";
import { listNodes } from "../proxmox/nodes.ts";
import { amount, footnotes, known, UNREACHABLE_NODES, UNREADABLE, unreachable } from "./fields.ts";
import { table } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";
import { bytes, duration, percent } from "./units.ts";

const node = z.object({
  node: z.string(),
  status: z.string().describe("online, offline or unknown"),
  cpu_fraction: amount("Load of its processors, 0 to 1"),
  cpus: amount("Processors (threads)"),
  memory_used_bytes: amount(),
  memory_total_bytes: amount(),
  root_disk_used_bytes: amount(),
  root_disk_total_bytes: amount(),
  uptime_seconds: amount(),
});

export const getNodes: Tool = defineTool({
  name: "get_nodes",
  title: "List nodes",
  description:
    "Lists all nodes of the Proxmox cluster with status, load, memory and root disk. " +
    "Nodes that are down are listed too, without figures.",
  mode: "read-only",
  effect: "read",
  recorded: [],
  calls: [NODES],
  input: z.strictObject({}),
  output: z.object({
    nodes: z.array(node),
    unreachable_nodes: UNREACHABLE_NODES,
    unreadable: UNREADABLE,
  }),
  async run(_args, { api, signal }) {
    const { items, unreadable } = await listNodes(api, { signal });
    const nodes = items.map((item) => ({
      node: item.node,
      status: item.status,
      cpu_fraction: known(item.cpu),
      cpus: known(item.maxcpu),
      memory_used_bytes: known(item.mem),
      memory_total_bytes: known(item.maxmem),
      root_disk_used_bytes: known(item.disk),
      root_disk_total_bytes: known(item.maxdisk),
      uptime_seconds: known(item.uptime),
    }));
    return {
      nodes: nodes.sort((a, b) => (a.node < b.node ? -1 : 1)),
      unreachable_nodes: unreachable(items),
      unreadable,
    };
  },
  text: ({ nodes, ...notes }) =>
    table(
      ["NODE", "STATUS", "CPU", "OF", "MEMORY", "OF", "ROOT DISK", "OF", "UPTIME"],
      nodes.map((item) => [
        item.node,
        item.status,
        percent(item.cpu_fraction),
        item.cpus,
        bytes(item.memory_used_bytes),
        bytes(item.memory_total_bytes),
        bytes(item.root_disk_used_bytes),
        bytes(item.root_disk_total_bytes),
        duration(item.uptime_seconds),
      ]),
    ) + footnotes(notes),
});
