/** `get_vm_status`: the state of one virtual machine. */
import { guestStatusTool } from "./guest-status.ts";
import type { Tool } from "./tool.ts";

export const getVmStatus: Tool = guestStatusTool({
  name: "get_vm_status",
  title: "Virtual machine status",
  description:
    "Shows the state of one virtual machine: running or stopped, load, memory, traffic, uptime, " +
    "high availability, lock. It is found by vmid on whatever node it is.",
  type: "qemu",
});
