/** `shutdown_container`: shut down a container. */
import { powerTool } from "./power-tool.ts";
import type { Tool } from "./tool.ts";

export const shutdownContainer: Tool = powerTool({
  name: "shutdown_container",
  title: "Shut down a container",
  description:
    "Asks the system in a container to shut down. One that does not run is left as it is. Waits " +
    "for the end of the task and gives its exit status and last log lines.",
  type: "lxc",
  action: "shutdown",
});
