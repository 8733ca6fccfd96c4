/** Asks the node of a guest for what only it knows. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { agentPing } from "../../proxmox/agent.ts";
import type { Api } from "../../proxmox/api.ts";
import { AGENT_PING, TASKS } from "../../proxmox/endpoints.ts";
import {
  GUEST_CONFIG,
  GUEST_SNAPSHOTS,
  GUEST_STATUS,
  guestConfig,
  guestSnapshots,
  guestStatus,
} from "../../proxmox/guest.ts";
import type { GuestResource } from "../../proxmox/resources.ts";
import { listTasks } from "../../proxmox/tasks.ts";
import type { Gaps } from "../gaps.ts";
import { isRunning } from "../subject.ts";
import { noteDown } from "../visible.ts";
import type { GuestFacts } from "./facts.ts";
import { isOn } from "./options.ts";
import { TASK_AGE_DAYS } from "./task-failed.ts";

// More is a log, and not what a guest is judged by.
const TASKS_READ = 200;

/** Of which guest, and by whom. */
export interface Asked {
  readonly api: Api;
  readonly guest: GuestResource;
  readonly gaps: Gaps;
  readonly signal: AbortSignal;
}

/** What only its node knows. */
export type OfNode = Pick<GuestFacts, "status" | "config" | "snapshots" | "tasks" | "agentAnswers">;

/** Nothing, where the node is down. */
export function nothingOf({ guest: { vmid, node }, gaps }: Asked): OfNode {
  const nothing: OfNode = {
    status: undefined,
    config: undefined,
    snapshots: undefined,
    tasks: undefined,
    agentAnswers: undefined,
  };
  noteDown(
    { facts: Object.keys(nothing), what: `what its node knows of guest ${vmid}`, node },
    gaps,
  );
  return nothing;
}

/** @param now seconds since 1970. */
export async function askNode(asked: Asked, now: number): Promise<OfNode> {
  const { api, guest, gaps, signal } = asked;
  const { node, vmid, type } = guest;
  const values = { node, vmid };
  const of = { type, node, vmid, signal };
  const [status, { config, agentAnswers }, snapshots, tasks] = await Promise.all([
    gaps.attempt({
      facts: ["status"],
      what: `status of guest ${vmid}`,
      endpoint: GUEST_STATUS[type],
      values,
      read: () => guestStatus(api, of),
    }),
    configAndAgent(asked),
    gaps.attempt({
      facts: ["snapshots"],
      what: `snapshots of guest ${vmid}`,
      endpoint: GUEST_SNAPSHOTS[type],
      values,
      read: () => guestSnapshots(api, of),
    }),
    gaps.attempt({
      facts: ["tasks"],
      what: `tasks of guest ${vmid}`,
      endpoint: TASKS,
      values: { node },
      read: () => {
        const since = now - TASK_AGE_DAYS * 86_400;
        return listTasks(api, { node, vmid, since, limit: TASKS_READ, signal });
      },
    }),
  ]);
  return { status, config, agentAnswers, snapshots: snapshots?.items, tasks: tasks?.items };
}

async function configAndAgent(asked: Asked): Promise<Pick<OfNode, "config" | "agentAnswers">> {
  const { api, guest, gaps, signal } = asked;
  const { node, vmid, type } = guest;
  const isVm = type === "qemu";
  const config = await gaps.attempt({
    facts: isVm ? ["config", "agentAnswers"] : ["config"],
    what: `configuration of guest ${vmid}`,
    endpoint: GUEST_CONFIG[type],
    values: { node, vmid },
    read: () => guestConfig(api, { type, node, vmid, signal }),
  });
  const hasAgent = isVm && isRunning(guest) && config !== undefined && isOn(config, "agent");
  return { config, agentAnswers: hasAgent ? await agentAnswers(asked) : undefined };
}

async function agentAnswers({ api, guest, gaps, signal }: Asked): Promise<boolean | undefined> {
  const { node, vmid } = guest;
  return await gaps.attempt({
    facts: ["agentAnswers"],
    what: `guest agent of guest ${vmid}`,
    endpoint: AGENT_PING,
    values: { node, vmid },
    read: async () => {
      try {
        await agentPing(api, { node, vmid, signal });
        return true;
      } catch (error) {
        if (error instanceof ProxmoxMcpError && error.code === "AGENT_UNAVAILABLE") return false;
        throw error;
      }
    },
  });
}
