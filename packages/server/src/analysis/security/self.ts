/** Who this server is to Proxmox, from its config. */
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { mayRunCommands } from "../../guests/command-policy.ts";
import { tlsModeOf } from "../../proxmox/client-options.ts";
import type { Self } from "./facts.ts";

export function selfFrom(config: ServerConfig): Self {
  const { auth, proxmox } = config;
  return {
    user: auth.user,
    token: auth.token_name,
    tls: tlsModeOf(proxmox),
    mayRunCommands: mayRunCommands(config),
  };
}
