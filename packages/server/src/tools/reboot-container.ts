/** `reboot_container`: reboot a container. */
import { powerTool } from "./power-tool.ts";
import type { Tool } from "./tool.ts";

export const rebootContainer: Tool = powerTool({
  name: "reboot_container",
  title: "Reboot a container",
  description:
    "Shuts a container down and starts it again, with changes of its configuration that were " +
    "waiting. One that does not run is refused. Waits for the end of the task and gives its exit " +
    "status and last log lines.",
  type: "lxc",
  action: "reboot",
});
