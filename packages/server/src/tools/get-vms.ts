/** `get_vms`: the virtual machines of the cluster. */
import { guestListTool } from "./guest-list.ts";
import type { Tool } from "./tool.ts";

export const getVms: Tool = guestListTool({
  name: "get_vms",
  title: "List virtual machines",
  description:
    "Lists the virtual machines (QEMU) of all nodes with status, load, memory and disk, by vmid. " +
    "Filter by node, status and name; long lists come in pages.",
  type: "qemu",
});
