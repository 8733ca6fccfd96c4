/** The last look before something is changed. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";

/** @throws ProxmoxMcpError CANCELLED where the client has given up before anything was changed. */
export function refuseCancelled(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new ProxmoxMcpError("CANCELLED", "the call was cancelled; nothing was changed", {
    hint: "call again if it is still wanted",
  });
}
