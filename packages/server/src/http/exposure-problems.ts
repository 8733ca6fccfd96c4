/** What a config leaves open that must be closed before the server listens. */
import { type ErrorCode, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { HttpSection, Locate } from "@proxmox-mcp/crypto/config";
import { isLoopback } from "./ip-address.ts";

/**
 * Listening without API keys, or beyond loopback without TLS and the names to answer to. All are
 * SCHEMA, but where the switch is wrong: USAGE.
 *
 * @param insecureNoAuth whether requests without a key are to be answered.
 */
export function exposureProblems(
  { host, tls, behind_tls_proxy, allowed_hosts, api_keys }: HttpSection,
  insecureNoAuth: boolean,
  locate: Locate,
): readonly ProxmoxMcpError[] {
  const problem = (
    setting: keyof HttpSection,
    message: string,
    hint: string,
    code: ErrorCode = "SCHEMA",
  ) => new ProxmoxMcpError(code, message, { where: locate(`/http/${setting}`), hint });
  const problems: ProxmoxMcpError[] = [];
  if (Object.keys(api_keys).length === 0 && !insecureNoAuth) {
    problems.push(
      problem(
        "api_keys",
        "http.api_keys holds no API key, and without one the server answers nobody",
        "make one with `proxmox-mcp-encrypt set FILE /http/api_keys/NAME --generate hex32`, or start with --insecure-no-auth on loopback",
      ),
    );
  }
  if (Object.keys(api_keys).length > 0 && insecureNoAuth) {
    problems.push(
      problem(
        "api_keys",
        "--insecure-no-auth would ask nobody for the API keys that http.api_keys holds",
        "start without --insecure-no-auth, or remove the keys",
        "USAGE",
      ),
    );
  }
  if (isLoopback(host)) return problems;
  if (insecureNoAuth) {
    problems.push(
      problem(
        "host",
        `--insecure-no-auth goes with loopback alone, and http.host is ${host}`,
        "set http.host to 127.0.0.1, or use API keys",
        "USAGE",
      ),
    );
  }
  if (tls === undefined && !behind_tls_proxy) {
    problems.push(
      problem(
        "host",
        `plain HTTP would leave this machine, as http.host is ${host}`,
        "name a certificate in http.tls, set http.behind_tls_proxy to true where a proxy with TLS stands in front, or listen on 127.0.0.1",
      ),
    );
  }
  if (allowed_hosts === undefined) {
    problems.push(
      problem(
        "allowed_hosts",
        `the names to answer to are not known, as http.host is ${host}`,
        "list in http.allowed_hosts what clients write in their URLs, without scheme and port",
      ),
    );
  }
  return problems;
}
