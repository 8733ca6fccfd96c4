/** Opening a deployment: a config and the client that it describes. */
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import type { Certificate } from "../config/certificate.ts";
import { openClient } from "../proxmox/client.ts";
import { clientOptionsOf } from "../proxmox/client-options.ts";
import type { OpenDeployment } from "./deployment.ts";

/**
 * Opens the client of a config. No connection is made before the first call.
 *
 * @param ca the text of the config's CA file, where it names one.
 * @param certificate what clients over HTTP are shown, where the config has one.
 * @throws ProxmoxMcpError SCHEMA
 */
export function openDeployment(
  config: ServerConfig,
  ca: string | undefined,
  certificate?: Certificate,
): OpenDeployment {
  const client = openClient(clientOptionsOf(config, () => ca ?? ""));
  // It is closed when no call holds it any more, or when those that do are given up.
  return { config, certificate, api: client, close: () => client.destroy() };
}
