/** Calls that change something, and of which nobody can tell whether they did. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { isBrokenOff } from "./connection-failure.ts";
import type { Endpoint } from "./endpoint.ts";
import { TICKET } from "./endpoints.ts";

/** How far an exchange came. */
export interface Exchanged {
  /** Whether anything may have been sent. */
  readonly begun: boolean;
  /** Of an answer that came to its end. */
  readonly status: number | undefined;
}

// Proxmox's own, before it has reached the node that the call is for.
const NEVER_ARRIVED = 595;

// A proxy in between has passed the call on, and lost the answer.
const LOST_BY_PROXY: ReadonlySet<number> = new Set([502, 503, 504]);

/** Says of a call that changes something, and whose answer was lost, that it may have done so. */
export function perhapsDone(endpoint: Endpoint, error: unknown, exchanged: Exchanged): unknown {
  if (endpoint.method === "GET" || endpoint === TICKET) return error;
  if (!(error instanceof ProxmoxMcpError) || !isLost(error, exchanged)) return error;
  const { code, message, hint, cause } = error;
  const way = "the call may have been carried out: look before you repeat it";
  return new ProxmoxMcpError(code, message, {
    hint: hint === undefined ? way : `${way}; ${hint}`,
    cause,
  });
}

function isLost(error: ProxmoxMcpError, { begun, status }: Exchanged): boolean {
  const { code } = error;
  if (status === undefined) {
    const isSilence = ["PROXMOX_TIMEOUT", "PROXMOX_ANSWER", "CANCELLED"].includes(code);
    return begun && (isSilence || isBrokenOff(error));
  }
  if (code === "NODE_UNREACHABLE") return status !== NEVER_ARRIVED;
  if (code === "PROXMOX_FAILED") return LOST_BY_PROXY.has(status);
  return code === "PROXMOX_ANSWER" && (status < 300 || status >= 500);
}
