/** Noticing that another config allows other tools. */
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { allowedTools, callersOf } from "../policy/policy.ts";
import type { Deployments } from "../runtime/deployment.ts";
import type { Tool } from "../tools/tool.ts";

/**
 * Calls back whenever a new config allows some client other tools than the one before it.
 *
 * @returns its end.
 */
export function onToolListChange(
  tools: readonly Tool[],
  deployments: Deployments,
  changed: () => void,
): () => void {
  return deployments.onReplaced((next, before) => {
    const clients = [...callersOf(next.config), ...callersOf(before.config)];
    const lists = (config: ServerConfig) =>
      clients.map((caller) =>
        allowedTools(tools, config, caller)
          .map(({ name }) => name)
          .join(),
      );
    if (lists(next.config).join(";") !== lists(before.config).join(";")) changed();
  });
}
