/** `reboot_vm`: reboot a virtual machine. */
import { powerTool } from "./power-tool.ts";
import type { Tool } from "./tool.ts";

export const rebootVm: Tool = powerTool({
  name: "reboot_vm",
  title: "Reboot a virtual machine",
  description:
    "Shuts the system in a virtual machine down and starts it again, with changes of its " +
    "configuration that were waiting. One that does not run is refused. Waits for the end of the " +
    "task and gives its exit status and last log lines.",
  type: "qemu",
  action: "reboot",
});
