/** Operations that the state of a guest forbids. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";

/** GUEST_STATE: found out by reading, so nothing was changed. */
export function refused(why: string, hint: string): ProxmoxMcpError {
  return new ProxmoxMcpError("GUEST_STATE", `${why}; nothing was changed`, { hint });
}
