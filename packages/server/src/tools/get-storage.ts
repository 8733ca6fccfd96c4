/** `get_storage`: the storages of the cluster, as each node has them. */
import { z } from "zod";
import { fractionOf } from "../analysis/measure.ts";
import { CLUSTER_RESOURCES } from "../proxmox/endpoints.ts";
import { clusterResources } from "../proxmox/resources.ts";
import { NODE, text } from "./arguments.ts";
import {
  amount,
  footnotes,
  known,
  UNREACHABLE_NODES,
  UNREADABLE,
  unreachable,
  wording,
} from "./fields.ts";
import { hasPart, namePart, PAGE_ARGUMENTS, PAGE_FIELDS, pageOf } from "./page.ts";
import { table } from "./table.ts";
import { defineTool, type Tool } from "./tool.ts";
import { bytes, percent } from "./units.ts";

const storage = z.object({
  storage: z.string(),
  node: z.string(),
  status: z.string().describe("available, or unknown where it is offline or its node is down"),
  shared: z.boolean().describe("The same space on several nodes; it is listed for each of them"),
  type: wording("As in dir, lvmthin, zfspool, nfs or rbd"),
  content: z.array(z.string()).describe("What may be kept there, as in images, iso or backup"),
  used_bytes: amount(),
  total_bytes: amount(),
  used_fraction: amount("0 to 1"),
});

export const getStorage: Tool = defineTool({
  name: "get_storage",
  title: "List storages",
  description:
    "Lists the storages of all nodes with status, use and size; a shared one once for each node. " +
    "Filter by node, status and name; long lists come in pages.",
  mode: "read-only",
  effect: "read",
  recorded: ["node", "status", "name"],
  calls: [CLUSTER_RESOURCES],
  input: z.strictObject({
    node: NODE.optional().describe("Only those of this node"),
    status: text(/^[a-z-]{1,32}$/, "a status such as available or unknown")
      .optional()
      .describe("Only those of this status: available or unknown"),
    name: namePart("Only those with this in their name"),
    ...PAGE_ARGUMENTS,
  }),
  output: z.object({
    storages: z.array(storage),
    ...PAGE_FIELDS,
    unreachable_nodes: UNREACHABLE_NODES,
    unreadable: UNREADABLE,
  }),
  async run({ node, status, name, ...page }, { api, signal }) {
    const { storages, nodes, unreadable } = await clusterResources(api, { signal });
    const wanted = storages.filter(
      (item) =>
        (node === undefined || item.node === node) &&
        (status === undefined || item.status === status) &&
        hasPart(item.storage, name),
    );
    const idOf = (item: (typeof wanted)[number]) => `${item.storage}/${item.node}`;
    const { items, ...rest } = pageOf(wanted, page, "get_storage", idOf);
    return {
      storages: items.map((item) => ({
        storage: item.storage,
        node: item.node,
        status: item.status,
        shared: item.shared,
        type: known(item.plugintype),
        content: (item.content ?? "")
          .split(",")
          .filter((kind) => kind !== "")
          .sort(),
        used_bytes: known(item.disk),
        total_bytes: known(item.maxdisk),
        used_fraction: known(fractionOf(item.disk, item.maxdisk)),
      })),
      ...rest,
      unreachable_nodes: unreachable(nodes),
      unreadable,
    };
  },
  text: ({ storages, ...notes }) =>
    table(
      ["STORAGE", "NODE", "STATUS", "TYPE", "SHARED", "USED", "OF", "FULL", "CONTENT"],
      storages.map((item) => [
        item.storage,
        item.node,
        item.status,
        item.type,
        item.shared ? "yes" : "no",
        bytes(item.used_bytes),
        bytes(item.total_bytes),
        percent(item.used_fraction),
        item.content.join(","),
      ]),
    ) + footnotes({ ...notes, shown: storages.length }),
});
