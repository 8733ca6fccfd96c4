/** The simulated cluster in the place of a Proxmox host, for `--test-mode`. */
import { defaultSections, SecretText, type ServerConfig } from "@proxmox-mcp/crypto/config";
import { startSimulator } from "../simulator/simulator.ts";

/** A running simulated cluster. */
export interface SimulatedHost {
  /** The same config with the simulated host and its token; a usual one where there is none. */
  place(config: ServerConfig | undefined): ServerConfig;
  stop(): Promise<void>;
}

/** Starts the simulated cluster. Its client verifies it by the fingerprint of its certificate. */
export async function startSimulatedHost(): Promise<SimulatedHost> {
  const { host, port, fingerprint, user, tokenName, tokenValue, stop } = await startSimulator();
  const auth = { user, token_name: tokenName, token_value: new SecretText(tokenValue) };
  return {
    place: (config) => ({
      ...(config ?? defaultSections()),
      proxmox: {
        service: "PVE",
        timeout: 30_000,
        retry_attempts: 3,
        ...config?.proxmox,
        host,
        port,
        fingerprint,
        verify_ssl: true,
      },
      auth,
    }),
    stop,
  };
}
