/** Which tools the config allows. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import type { Tool } from "../tools/tool.ts";

/** Why a tool may not be called under a config, naming the setting; `undefined` where it may. */
export function refusalOf(tool: Tool, config: ServerConfig): ProxmoxMcpError | undefined {
  if (tool.effect !== "run-command" || (config.policy?.exec?.allow.length ?? 0) > 0) {
    return undefined;
  }
  return new ProxmoxMcpError("POLICY_DENIED", `${tool.name} is off`, {
    where: { location: "/policy/exec/allow" },
    hint: "list the commands that may run in policy.exec.allow in the config of the server",
  });
}

/** The tools that the config allows. */
export function allowedTools(tools: readonly Tool[], config: ServerConfig): readonly Tool[] {
  return tools.filter((tool) => refusalOf(tool, config) === undefined);
}
