/** `get_container_status`: the state of one container. */
import { guestStatusTool } from "./guest-status.ts";
import type { Tool } from "./tool.ts";

export const getContainerStatus: Tool = guestStatusTool({
  name: "get_container_status",
  title: "Container status",
  description:
    "Shows the state of one container: running or stopped, load, memory, disk, traffic, uptime, " +
    "high availability, lock. It is found by vmid on whatever node it is.",
  type: "lxc",
});
