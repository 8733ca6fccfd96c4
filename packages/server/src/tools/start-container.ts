/** `start_container`: start a container. */
import { powerTool } from "./power-tool.ts";
import type { Tool } from "./tool.ts";

export const startContainer: Tool = powerTool({
  name: "start_container",
  title: "Start a container",
  description:
    "Starts a container. One that runs already is left as it is, and the result says so. Waits " +
    "for the end of the task and gives its exit status and last log lines.",
  type: "lxc",
  action: "start",
});
