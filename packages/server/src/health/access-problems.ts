/** Whether a config lets in whom it should, and by which rules. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Locate, ServerConfig } from "@proxmox-mcp/crypto/config";
import { type Serving, transportOf } from "../config/transport.ts";
import { exposureProblems } from "../http/exposure-problems.ts";
import { settingProblems } from "../http/setting-problems.ts";
import { policyProblems } from "../policy/problems.ts";
import type { HealthWarning } from "./check.ts";

type Sections = Pick<ServerConfig, "http" | "policy">;

/**
 * What is wrong with the sections http and policy of a config: at start, at a reload, and for `--test`.
 *
 * @returns SCHEMA, and USAGE where `--insecure-no-auth` does not go with what is served.
 */
export function accessProblems(
  config: Sections,
  locate: Locate,
  { transport, insecureNoAuth }: Serving,
): readonly ProxmoxMcpError[] {
  const { http } = config;
  const isHttp = transportOf(config, transport) === "http";
  return [
    ...(isHttp ? exposureProblems(http, insecureNoAuth, locate) : []),
    ...(!isHttp && insecureNoAuth ? [withoutHttp(locate)] : []),
    ...settingProblems(http, locate),
    ...policyProblems(config, locate),
  ];
}

function withoutHttp(locate: Locate): ProxmoxMcpError {
  return new ProxmoxMcpError("USAGE", "--insecure-no-auth goes with HTTP, and stdio is served", {
    where: locate("/http/enabled"),
    hint: "give --transport http, or leave --insecure-no-auth out",
  });
}

/** What works in another way than it may be meant. */
export function accessWarnings(
  config: Sections,
  locate: Locate,
  { transport }: Pick<Serving, "transport">,
): readonly HealthWarning[] {
  if (transportOf(config, transport) !== "http") return [];
  const { behind_tls_proxy, trusted_proxies = [] } = config.http;
  if (!behind_tls_proxy || trusted_proxies.length > 0) return [];
  return [
    {
      code: "SHARED_ADDRESS",
      message: "all clients have the address of the proxy, and share the limit of one address",
      where: locate("/http/behind_tls_proxy"),
      hint: "list the proxy in http.trusted_proxies, and have it set X-Forwarded-For",
    },
  ];
}
