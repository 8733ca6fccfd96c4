/** The `http` section of a config, made ready for requests. */
import type { BlockList } from "node:net";
import type { RateLimit, ServerConfig } from "@proxmox-mcp/crypto/config";
import type { Serving } from "../config/transport.ts";
import { type ApiKeys, apiKeysOf } from "./api-keys.ts";
import { hostNames } from "./host-names.ts";
import { networksOf } from "./networks.ts";

/** Who is let in, and how much. */
export interface Access {
  /** Whether a Host header, with or without port, names this server. */
  isOurHost(host: string): boolean;
  /** Whether web pages of an origin may call. */
  isAllowedOrigin(origin: string): boolean;
  /** `undefined` where every network is allowed. */
  readonly networks: BlockList | undefined;
  readonly trustedProxies: BlockList;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly rateLimit: RateLimit;
  /** `undefined` with --insecure-no-auth: nobody is asked for a key. */
  readonly keys: ApiKeys | undefined;
}

/** Makes a config ready that accessProblems finds nothing wrong with. */
export function accessOf(
  { http }: ServerConfig,
  { insecureNoAuth }: Pick<Serving, "insecureNoAuth">,
): Access {
  const origins = new Set(http.allowed_origins.map((origin) => new URL(origin).origin));
  return {
    isOurHost: hostNames(http.allowed_hosts),
    // Browsers write an origin in one way, which is that of the URL parser.
    isAllowedOrigin: (origin) => origins.has(origin),
    networks: http.allowed_networks && networksOf(http.allowed_networks),
    trustedProxies: networksOf(http.trusted_proxies ?? []),
    bodyLimit: http.body_limit,
    rateLimit: http.rate_limit,
    keys: insecureNoAuth ? undefined : apiKeysOf(http.api_keys),
  };
}
