/** `get_container_config`: the configuration of one container. */
import { guestConfigTool } from "./guest-config.ts";
import type { Tool } from "./tool.ts";

export const getContainerConfig: Tool = guestConfigTool({
  name: "get_container_config",
  title: "Container configuration",
  description:
    "Shows the configuration of one container: cores, memory, root file system, mount points, " +
    "network, features, notes. Passwords, keys and tokens are never shown. It is found by vmid on " +
    "whatever node it is.",
  type: "lxc",
});
