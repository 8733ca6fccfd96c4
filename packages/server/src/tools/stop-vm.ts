/** `stop_vm`: switch off a virtual machine. */
import { powerTool } from "./power-tool.ts";
import type { Tool } from "./tool.ts";

export const stopVm: Tool = powerTool({
  name: "stop_vm",
  title: "Switch off a virtual machine",
  description:
    "Switches a virtual machine off at once, as if its power cable were pulled: what its programs" +
    " have not saved is lost. Prefer shutdown_vm. Takes no confirm and asks nobody, since nothing " +
    "that is stored is removed and start_vm starts it again. One that does not run is left as it " +
    "is. Waits for the end of the task and gives its exit status and last log lines.",
  type: "qemu",
  action: "stop",
});
