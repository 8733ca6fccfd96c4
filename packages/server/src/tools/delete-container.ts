/** `delete_container`: removes a container with its disks. */
import { deleteTool } from "./delete-tool.ts";
import type { Tool } from "./tool.ts";

export const deleteContainer: Tool = deleteTool({
  name: "delete_container",
  title: "Delete a container",
  description:
    "Deletes a container with its disks and snapshots, for good; its backups stay. One that runs, is " +
    "locked or protected is refused, and so is a template with linked clones. Needs confirm, and asks " +
    "the person at the client where that is possible. Waits for the end of the task and gives its exit " +
    "status and last log lines.",
  type: "lxc",
});
