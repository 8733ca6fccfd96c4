/** The host that is asked. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { printable } from "@proxmox-mcp/crypto/internal";

export interface Target {
  /** A name or an address; an IPv6 address with or without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `host:port` as people and URLs write it: brackets around an IPv6 address. */
export function authority({ host, port }: Target): string {
  return `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
}

/** @throws ProxmoxMcpError SCHEMA for a host that is more, or less, than a name or an address. */
export function originOf(target: Target): string {
  const text = `https://${authority(target)}`;
  if (!/[/?#@\\\s]/.test(target.host) && URL.canParse(text)) return new URL(text).origin;
  throw new ProxmoxMcpError("SCHEMA", `"${printable(target.host)}" is no host`, {
    where: { location: "/proxmox/host" },
    hint: "write the name or address alone, without https:// and without the port",
  });
}
