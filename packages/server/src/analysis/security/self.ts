/** Who this server is to Proxmox, from its config. */
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import type { Self } from "./facts.ts";

export function selfFrom({ auth, proxmox, policy }: ServerConfig): Self {
  return {
    user: auth.user,
    token: auth.token_name,
    tls: tlsOf(proxmox),
    mayRunCommands: (policy?.exec?.allow.length ?? 0) > 0,
  };
}

function tlsOf({ fingerprint, verify_ssl }: ServerConfig["proxmox"]): Self["tls"] {
  if (fingerprint !== undefined) return "pinned";
  return verify_ssl ? "verified" : "unchecked";
}
