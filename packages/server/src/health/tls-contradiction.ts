/** Whether a config says both how the host's certificate is checked and that it is not. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Locate, ServerConfig } from "@proxmox-mcp/crypto/config";

const LOCATION = "/proxmox/verify_ssl";

/** Neither is obeyed in silence: one gives the credentials away, the other may not be meant. */
export function tlsContradiction(
  { proxmox }: Pick<ServerConfig, "proxmox">,
  locate: Locate,
): readonly ProxmoxMcpError[] {
  if (proxmox.verify_ssl) return [];
  const checks = (["ca_file", "fingerprint"] as const).filter(
    (name) => proxmox[name] !== undefined,
  );
  if (checks.length === 0) return [];
  const names = checks.join(" and ");
  return [
    new ProxmoxMcpError("SCHEMA", `verify_ssl is false beside ${names}, which verify`, {
      where: locate(LOCATION),
      hint: `remove verify_ssl, and the certificate is verified; or remove ${names}`,
    }),
  ];
}
