/** Configs as the server has them once they are read, without files. */
import {
  defaultSections,
  type PolicyRules,
  type PolicySection,
  SecretText,
  type ServerConfig,
} from "@proxmox-mcp/crypto/config";
import type { Simulator } from "../src/simulator/simulator.ts";

/** Rules; what is left out of them is as in a config without it. */
export interface GivenPolicy extends Partial<Omit<PolicySection, "keys">> {
  readonly keys?: Readonly<Record<string, Partial<PolicyRules>>>;
}

/** Sections; what is left out of them is as in a config without it. */
export interface GivenSections {
  readonly proxmox?: Partial<ServerConfig["proxmox"]>;
  readonly auth?: ServerConfig["auth"];
  readonly http?: Partial<ServerConfig["http"]>;
  readonly policy?: GivenPolicy;
  readonly audit?: Partial<ServerConfig["audit"]>;
}

/** A config for a host that is not there, unless `proxmox` says another. */
export function serverConfig(given: GivenSections = {}): ServerConfig {
  const { logging, ...sections } = defaultSections();
  const { proxmox, auth = { user: "mcp@pve" }, http, policy, audit } = given;
  const { mode, allow, deny } = sections.policy;
  const keys = Object.entries(policy?.keys ?? {}).map(
    ([name, rules]) => [name, { mode, allow, deny, ...rules }] as const,
  );
  return {
    proxmox: {
      host: "pve.example",
      port: 8006,
      verify_ssl: true,
      service: "PVE",
      timeout: 30_000,
      retry_attempts: 0,
      ...proxmox,
    },
    auth,
    logging,
    http: { ...sections.http, ...http },
    policy: { ...sections.policy, ...policy, keys: Object.fromEntries(keys) },
    audit: { ...sections.audit, ...audit },
  };
}

/** A config for a simulated cluster, with the token of its example. */
export function clusterConfig(
  { host, port, fingerprint, user, tokenName, tokenValue }: Simulator,
  { proxmox, ...given }: GivenSections = {},
): ServerConfig {
  return serverConfig({
    auth: { user, token_name: tokenName, token_value: new SecretText(tokenValue) },
    ...given,
    proxmox: { host, port, fingerprint, ...proxmox },
  });
}
