/** `start_vm`: start a virtual machine. */
import { powerTool } from "./power-tool.ts";
import type { Tool } from "./tool.ts";

export const startVm: Tool = powerTool({
  name: "start_vm",
  title: "Start a virtual machine",
  description:
    "Starts a virtual machine, or resumes one that was suspended to disk. One that runs already " +
    "is left as it is, and the result says so. Waits for the end of the task and gives its exit " +
    "status and last log lines.",
  type: "qemu",
  action: "start",
});
