/** `get_vm_config`: the configuration of one virtual machine. */
import { guestConfigTool } from "./guest-config.ts";
import type { Tool } from "./tool.ts";

export const getVmConfig: Tool = guestConfigTool({
  name: "get_vm_config",
  title: "Virtual machine configuration",
  description:
    "Shows the configuration of one virtual machine: processors, memory, disks, network, boot " +
    "order, notes. Passwords, keys and tokens are never shown. It is found by vmid on whatever " +
    "node it is.",
  type: "qemu",
});
