/** Asks Proxmox for what one guest is diagnosed by. */
import { noGuest } from "../../guests/find-guest.ts";
import type { Api } from "../../proxmox/api.ts";
import { notBackedUp } from "../../proxmox/backup.ts";
import type { Endpoint } from "../../proxmox/endpoint.ts";
import {
  AGENT_PING,
  CLUSTER_RESOURCES,
  CONTAINER_CONFIG,
  CONTAINER_SNAPSHOTS,
  CONTAINER_STATUS,
  NOT_BACKED_UP,
  PERMISSIONS,
  TASKS,
  VM_CONFIG,
  VM_SNAPSHOTS,
  VM_STATUS,
} from "../../proxmox/endpoints.ts";
import { clusterResources } from "../../proxmox/resources.ts";
import { openGaps } from "../gaps.ts";
import type { Coverage } from "../report.ts";
import { isOnline } from "../subject.ts";
import { measuresOf, noteHidden, type Shortened, STORAGES } from "../visible.ts";
import { type Asked, askNode, nothingOf } from "./ask-node.ts";
import type { GuestFacts } from "./facts.ts";

/** Every endpoint that is asked. */
export const GUEST_CALLS: readonly Endpoint[] = [
  CLUSTER_RESOURCES,
  PERMISSIONS,
  VM_STATUS,
  VM_CONFIG,
  VM_SNAPSHOTS,
  AGENT_PING,
  CONTAINER_STATUS,
  CONTAINER_CONFIG,
  CONTAINER_SNAPSHOTS,
  TASKS,
  NOT_BACKED_UP,
];

/** Which guest is meant, and when. */
export interface GuestQuestion {
  readonly vmid: number;
  /** Where the caller believes it to be. */
  readonly node?: string | undefined;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** What was gathered, and what was not. */
interface Gathered {
  readonly facts: GuestFacts;
  readonly coverage: Coverage;
}

/**
 * One that moves between the look and the questions is looked for once more.
 *
 * @throws ProxmoxMcpError GUEST_NOT_FOUND, or why the resources of the cluster cannot be had.
 */
export async function gatherGuest(api: Api, question: GuestQuestion): Promise<Gathered> {
  const first = await gatherOnce(api, question);
  const hasMoved = first.coverage.gaps.some(({ code }) => code === "GUEST_NOT_FOUND");
  return hasMoved ? await gatherOnce(api, question) : first;
}

async function gatherOnce(
  api: Api,
  { vmid, node: askedNode, now, signal }: GuestQuestion,
): Promise<Gathered> {
  const gaps = openGaps();
  const { guests, nodes, storages } = await clusterResources(api, { signal });
  const guest = guests.find((candidate) => candidate.vmid === vmid);
  if (guest === undefined) throw noGuest(vmid, "guest", "get_vms and get_containers");
  const { node } = guest;
  const isDown = nodes.some((entry) => entry.node === node && !isOnline(entry));
  const lists = isDown ? [STORAGES] : [STORAGES, measuresOf(node), tasksOn(node)];
  const asked: Asked = { api, guest, gaps, signal };
  const seconds = Math.floor(now.getTime() / 1000);
  const [ofNode, isInBackupJob] = await Promise.all([
    isDown ? nothingOf(asked) : askNode(asked, seconds),
    inBackupJob(asked),
    noteHidden(api, lists, gaps, signal),
  ]);
  return {
    facts: {
      now: seconds,
      askedNode,
      guest,
      nodes,
      storages: storages.filter((entry) => entry.node === node),
      isInBackupJob,
      ...ofNode,
    },
    coverage: { checked: { guests: 1 }, gaps: gaps.all },
  };
}

// Proxmox lists the caller's own tasks to anyone.
function tasksOn(node: string): Shortened {
  const what = `tasks of others on node ${node}`;
  return { facts: ["tasks"], what, anyOf: ["Sys.Audit"], on: `/nodes/${node}` };
}

async function inBackupJob({ api, guest, gaps, signal }: Asked): Promise<boolean | undefined> {
  const uncovered = await gaps.attempt({
    facts: ["isInBackupJob"],
    what: "guests without a backup job",
    endpoint: NOT_BACKED_UP,
    values: {},
    read: () => notBackedUp(api, { signal }),
  });
  return uncovered && !uncovered.items.some(({ vmid }) => vmid === guest.vmid);
}
