/** How clients reach the server. */
import type { ServerConfig } from "@proxmox-mcp/crypto/config";

/** Over standard input and output, or over HTTP. */
export type Transport = "stdio" | "http";

/** What the command line says of it. */
export interface Serving {
  /** `undefined` leaves it to the config. */
  readonly transport: Transport | undefined;
  /** Whether requests without an API key are answered: over HTTP, and on loopback alone. */
  readonly insecureNoAuth: boolean;
}

/**
 * The transport that is served.
 *
 * @param asked what the command line says; it goes before `http.enabled` of the config.
 */
export function transportOf(
  config: Pick<ServerConfig, "http"> | undefined,
  asked: Transport | undefined,
): Transport {
  return asked ?? (config?.http.enabled === true ? "http" : "stdio");
}
