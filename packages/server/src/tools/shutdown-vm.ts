/** `shutdown_vm`: shut down a virtual machine. */
import { powerTool } from "./power-tool.ts";
import type { Tool } from "./tool.ts";

export const shutdownVm: Tool = powerTool({
  name: "shutdown_vm",
  title: "Shut down a virtual machine",
  description:
    "Asks the system in a virtual machine to shut down, which needs ACPI or the guest agent; " +
    "where it does not within Proxmox's own limit, the task fails and the machine runs on. One " +
    "that does not run is left as it is. Waits for the end of the task and gives its exit status " +
    "and last log lines.",
  type: "qemu",
  action: "shutdown",
});
