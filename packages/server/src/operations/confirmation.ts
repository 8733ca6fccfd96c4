/** Whether a caller means the guest that is there now. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { called } from "./look.ts";
import type { PlanTarget } from "./plan.ts";

/**
 * Compares what the caller wrote with the guest's name and id.
 *
 * @throws ProxmoxMcpError CONFIRMATION that says what is wanted.
 */
export function requireConfirmation(
  { type, vmid, name, node }: PlanTarget,
  confirm: string | undefined,
): void {
  const accepted = [String(vmid), ...(isName(name) ? [name] : [])];
  if (confirm !== undefined && accepted.includes(confirm)) return;
  const given = confirm === undefined ? "is missing" : "is not that of this guest";
  const wanted = accepted.toReversed().join(" or ");
  throw new ProxmoxMcpError(
    "CONFIRMATION",
    `confirm ${given}: for ${called({ type, vmid, name })} on ${node} it has to be ${wanted}; nothing was changed`,
    { hint: "make sure that this is the guest that is meant, then call again with confirm" },
  );
}

// A name that looks like the id of another guest says nothing of which one is meant.
function isName(name: string | undefined): name is string {
  return name !== undefined && name !== "" && !/^\d+$/.test(name);
}
