/** What delete_vm and delete_container are: removing a guest, of one type each. */
import { z } from "zod";
import { planDelete } from "../operations/delete-guest.ts";
import { CLUSTER_RESOURCES } from "../proxmox/endpoints.ts";
import { GUEST_CONFIG, GUEST_STATUS, type GuestType } from "../proxmox/guest.ts";
import { GUEST_DELETE } from "../proxmox/guest-operations.ts";
import { NODE_OF_GUEST, VMID } from "./arguments.ts";
import { CONFIRM, choice, OPERATION_ARGUMENTS } from "./operation-arguments.ts";
import { operationTool, whom } from "./operation-tool.ts";
import type { Tool } from "./tool.ts";

/** The removal of one type of guests. */
export interface Removal extends Pick<Tool, "name" | "title" | "description"> {
  readonly type: GuestType;
}

/** A tool that removes a guest for good. */
export function deleteTool({ type, ...words }: Removal): Tool {
  return operationTool({
    ...words,
    mode: "full",
    effect: "destroy",
    recorded: ["vmid", "node", "purge", "dry_run", "timeout"],
    calls: [CLUSTER_RESOURCES, GUEST_STATUS[type], GUEST_CONFIG[type], GUEST_DELETE[type]],
    input: z.strictObject({
      vmid: VMID,
      node: NODE_OF_GUEST,
      purge: choice(
        "Whether backup jobs, replication and high availability forget it as well",
        false,
      ),
      confirm: CONFIRM,
      ...OPERATION_ARGUMENTS,
    }),
    plan: (look, { vmid, purge }) => planDelete(look, { type, vmid, purge }),
    question: (plan) => `Delete ${whom(plan)}? It does not come back.`,
  });
}
