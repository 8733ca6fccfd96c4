/** Asks Proxmox for what the health of a cluster is judged by. */
import type { Api } from "../../proxmox/api.ts";
import { notBackedUp } from "../../proxmox/backup.ts";
import { clusterStatus, haStatus } from "../../proxmox/cluster.ts";
import type { Endpoint } from "../../proxmox/endpoint.ts";
import {
  CLUSTER_RESOURCES,
  CLUSTER_STATUS,
  HA_STATUS,
  NODE_STATUS,
  NOT_BACKED_UP,
  PERMISSIONS,
} from "../../proxmox/endpoints.ts";
import { nodeStatus } from "../../proxmox/nodes.ts";
import { clusterResources, type NodeResource } from "../../proxmox/resources.ts";
import { eachAtOnce } from "../at-once.ts";
import { type Gaps, openGaps } from "../gaps.ts";
import type { Coverage } from "../report.ts";
import { isOnline } from "../subject.ts";
import { GUESTS, measuresOf, noteDown, noteHidden, noteUnreadable, STORAGES } from "../visible.ts";
import type { ClusterHealthFacts, OwnStatus } from "./facts.ts";

/** Every endpoint that is asked. */
export const CLUSTER_HEALTH_CALLS: readonly Endpoint[] = [
  CLUSTER_RESOURCES,
  PERMISSIONS,
  CLUSTER_STATUS,
  HA_STATUS,
  NOT_BACKED_UP,
  NODE_STATUS,
];

/** @throws ProxmoxMcpError where the resources of the cluster cannot be had at all. */
export async function gatherClusterHealth(
  api: Api,
  signal: AbortSignal,
): Promise<{ facts: ClusterHealthFacts; coverage: Coverage }> {
  const gaps = openGaps();
  const [{ nodes, guests, storages, unreadable }] = await Promise.all([
    clusterResources(api, { signal }),
    noteHidden(api, [GUESTS, STORAGES, measuresOf()], gaps, signal),
  ]);
  noteUnreadable(
    { facts: ["nodes", "guests", "storages"], what: "resources of the cluster", unreadable },
    gaps,
  );
  const [cluster, ha, uncovered, nodeStatuses] = await Promise.all([
    gaps.attempt({
      facts: ["cluster"],
      what: "membership and quorum",
      endpoint: CLUSTER_STATUS,
      values: {},
      read: () => clusterStatus(api, { signal }),
    }),
    gaps.attempt({
      facts: ["ha"],
      what: "high availability",
      endpoint: HA_STATUS,
      values: {},
      read: () => haStatus(api, { signal }),
    }),
    gaps.attempt({
      facts: ["notBackedUp"],
      what: "guests without a backup job",
      endpoint: NOT_BACKED_UP,
      values: {},
      read: () => notBackedUp(api, { signal }),
    }),
    statusesOf(api, nodes, gaps, signal),
  ]);
  return {
    facts: {
      nodes,
      guests,
      storages,
      cluster,
      nodeStatuses,
      ha: ha?.items,
      notBackedUp: uncovered?.items,
    },
    coverage: {
      checked: { nodes: nodes.length, guests: guests.length, storages: storages.length },
      gaps: gaps.all,
    },
  };
}

async function statusesOf(
  api: Api,
  nodes: readonly NodeResource[],
  gaps: Gaps,
  signal: AbortSignal,
): Promise<readonly OwnStatus[]> {
  const statuses = await eachAtOnce(nodes, async (entry) => {
    const { node } = entry;
    const what = `status of node ${node}`;
    if (!isOnline(entry)) {
      noteDown({ facts: ["nodeStatuses"], what, node }, gaps);
      return undefined;
    }
    const status = await gaps.attempt({
      facts: ["nodeStatuses"],
      what,
      endpoint: NODE_STATUS,
      values: { node },
      read: () => nodeStatus(api, { node, signal }),
    });
    return status === undefined ? undefined : { ...status, node };
  });
  return statuses.filter((status) => status !== undefined);
}
