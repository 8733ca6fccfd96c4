/** What start_vm, stop_container and the like are: one tool for each action and type of guest. */
import { z } from "zod";
import { planPower } from "../operations/power.ts";
import { CLUSTER_RESOURCES } from "../proxmox/endpoints.ts";
import { GUEST_STATUS, type GuestType } from "../proxmox/guest.ts";
import { GUEST_POWER, type PowerAction } from "../proxmox/guest-operations.ts";
import { NODE_OF_GUEST, VMID } from "./arguments.ts";
import { OPERATION_ARGUMENTS } from "./operation-arguments.ts";
import { operationTool } from "./operation-tool.ts";
import type { Tool } from "./tool.ts";

/** An action on one type of guests. */
export interface Power extends Pick<Tool, "name" | "title" | "description"> {
  readonly type: GuestType;
  readonly action: PowerAction;
}

/** A tool that changes whether a guest runs. */
export function powerTool({ type, action, ...words }: Power): Tool {
  return operationTool({
    ...words,
    mode: "operate",
    effect: action === "start" ? "change" : "interrupt",
    recorded: ["vmid", "node", "dry_run", "timeout"],
    calls: [CLUSTER_RESOURCES, GUEST_STATUS[type], GUEST_POWER[action][type]],
    input: z.strictObject({ vmid: VMID, node: NODE_OF_GUEST, ...OPERATION_ARGUMENTS }),
    plan: (look, { vmid }) => planPower(look, { action, type, vmid }),
  });
}
