/** `stop_container`: switch off a container. */
import { powerTool } from "./power-tool.ts";
import type { Tool } from "./tool.ts";

export const stopContainer: Tool = powerTool({
  name: "stop_container",
  title: "Switch off a container",
  description:
    "Ends all processes of a container at once: what its programs have not saved is lost. Prefer " +
    "shutdown_container. Takes no confirm and asks nobody, since nothing that is stored is removed " +
    "and start_container starts it again. One that does not run is left as it is. Waits for the end " +
    "of the task and gives its exit status and last log lines.",
  type: "lxc",
  action: "stop",
});
