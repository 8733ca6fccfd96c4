/** Which tools the config allows. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { mayRunCommands } from "../guests/command-policy.ts";
import type { Deployments } from "../runtime/deployment.ts";
import type { Tool } from "../tools/tool.ts";

/** Why a tool may not be called under a config, naming the setting; `undefined` where it may. */
export function refusalOf(tool: Tool, config: ServerConfig): ProxmoxMcpError | undefined {
  if (tool.effect !== "run-command" || mayRunCommands(config)) return undefined;
  return new ProxmoxMcpError("POLICY_DENIED", `${tool.name} is off`, {
    where: { location: "/policy/exec/allow" },
    hint: "list the commands that may run in policy.exec.allow in the config of the server",
  });
}

/** The tools that the config allows. */
export function allowedTools(tools: readonly Tool[], config: ServerConfig): readonly Tool[] {
  return tools.filter((tool) => refusalOf(tool, config) === undefined);
}

/** Calls back whenever a new config allows other tools than the one before it. @returns its end. */
export function onToolListChange(
  tools: readonly Tool[],
  deployments: Deployments,
  changed: () => void,
): () => void {
  const names = (config: ServerConfig) => allowedTools(tools, config).map(({ name }) => name);
  return deployments.onReplaced((next, before) => {
    if (names(next.config).join() !== names(before.config).join()) changed();
  });
}
