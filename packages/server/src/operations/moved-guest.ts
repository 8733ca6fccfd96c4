/** A guest that has left its node between plan and call: what is elsewhere under its id may be another one. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { called } from "./look.ts";
import type { Plan } from "./plan.ts";

/** Whether the second plan is for another node than the first. */
export function isElsewhere({ call }: Plan, again: Plan): boolean {
  return call?.values["node"] !== again.call?.values["node"];
}

/**
 * Whether both plans are for one guest. An id is given anew once its guest is gone, so the type and the
 * name have to be the same; of one without a name nobody knows.
 */
export function isSameGuest(plan: Plan, again: Plan): boolean {
  const { type, name } = plan.source ?? plan.target;
  const now = again.source ?? again.target;
  return name !== undefined && name === now.name && type === now.type;
}

/** GUEST_NOT_FOUND: what is elsewhere now is left alone. */
export function leftItsNode(plan: Plan, again: Plan, cause: unknown): ProxmoxMcpError {
  const was = plan.source ?? plan.target;
  const is = again.source ?? again.target;
  return new ProxmoxMcpError(
    "GUEST_NOT_FOUND",
    `${called(was)} has left ${was.node}, and ${called(is)} on ${is.node} may be another guest or in another state; nothing was changed`,
    { hint: `look whether the one on ${is.node} is the one that is meant, then call again`, cause },
  );
}
