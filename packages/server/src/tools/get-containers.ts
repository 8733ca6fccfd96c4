/** `get_containers`: the containers of the cluster. */
import { guestListTool } from "./guest-list.ts";
import type { Tool } from "./tool.ts";

export const getContainers: Tool = guestListTool({
  name: "get_containers",
  title: "List containers",
  description:
    "Lists the containers (LXC) of all nodes with status, load, memory and disk, by vmid. " +
    "Filter by node, status and name; long lists come in pages.",
  type: "lxc",
});
