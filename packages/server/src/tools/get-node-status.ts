/** `get_node_status`: one node in detail. */
import { z } from "zod";
import { NODE_STATUS } from "../proxmox/endpoints.ts";
import { nodeStatus, type Space } from "../proxmox/nodes.ts";
import { NODE } from "./arguments.ts";
import { amount, known, wording } from "./fields.ts";
import { lines } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";
import { bytes, duration, percent } from "./units.ts";

const space = z.object({ used_bytes: z.number(), total_bytes: z.number() }).nullable();

export const getNodeStatus: Tool = defineTool({
  name: "get_node_status",
  title: "Node status",
  description:
    "Shows one node in detail: load, memory, swap, root disk, processors, versions and uptime.",
  mode: "read-only",
  effect: "read",
  recorded: ["node"],
  calls: [NODE_STATUS],
  input: z.strictObject({ node: NODE }),
  output: z.object({
    node: z.string(),
    cpu_fraction: amount("Load of its processors, 0 to 1"),
    io_wait_fraction: amount("Time spent waiting for disks, 0 to 1"),
    load_average: z.array(z.number()).describe("Processes that run or wait: 1, 5 and 15 minutes"),
    cpus: amount("Processors (threads)"),
    cpu_cores: amount("Cores of each socket"),
    cpu_sockets: amount(),
    cpu_model: wording("Model of the processor"),
    memory: space,
    swap: space,
    root_disk: space,
    uptime_seconds: amount(),
    kernel: wording("Version of the kernel"),
    pve_version: wording("Version of Proxmox VE"),
  }),
  async run({ node }, { api, signal }) {
    const status = await nodeStatus(api, { node, signal });
    return {
      node,
      cpu_fraction: known(status.cpu),
      io_wait_fraction: known(status.wait),
      load_average: [...status.loadavg],
      cpus: known(status.cpuinfo?.cpus),
      cpu_cores: known(status.cpuinfo?.cores),
      cpu_sockets: known(status.cpuinfo?.sockets),
      cpu_model: known(status.cpuinfo?.model),
      memory: spaceOf(status.memory),
      swap: spaceOf(status.swap),
      root_disk: spaceOf(status.rootfs),
      uptime_seconds: known(status.uptime),
      kernel: known(status.kversion),
      pve_version: known(status.pveversion),
    };
  },
  text: (status) =>
    lines([
      ["Node", status.node],
      ["Version", status.pve_version],
      ["Kernel", status.kernel],
      ["Uptime", duration(status.uptime_seconds)],
      [
        "CPU",
        `${percent(status.cpu_fraction)} of ${status.cpus ?? "-"} (${status.cpu_model ?? "-"})`,
      ],
      ["Waiting for disks", percent(status.io_wait_fraction)],
      ["Load average", status.load_average.join(" ")],
      ["Memory", spaceText(status.memory)],
      ["Swap", spaceText(status.swap)],
      ["Root disk", spaceText(status.root_disk)],
    ]),
});

function spaceOf(found: Space | undefined): z.output<typeof space> {
  return found === undefined ? null : { used_bytes: found.used, total_bytes: found.total };
}

function spaceText(shown: z.output<typeof space>): string {
  return shown === null ? "-" : `${bytes(shown.used_bytes)} of ${bytes(shown.total_bytes)}`;
}
