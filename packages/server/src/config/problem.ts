/** A config that cannot be served after all. */
import type { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Resolution } from "@proxmox-mcp/crypto/config";

/** The same resolution without its config, and with one problem more. */
export function withProblem(resolution: Resolution, problem: ProxmoxMcpError): Resolution {
  return { ...resolution, config: undefined, problems: [...resolution.problems, problem] };
}
