import type { ClusterStatus } from "../../proxmox/cluster.ts";

/** Nodes of a cluster as votes, one each: what a QDevice or other weights add is not seen. */
export interface Votes {
  readonly name: string;
  readonly isQuorate: boolean;
  readonly nodes: number;
  readonly online: number;
  /** The smallest majority. */
  readonly needed: number;
}

/** @returns `undefined` for a host that is in no cluster. */
export function votesOf({ cluster, nodes }: ClusterStatus): Votes | undefined {
  if (cluster === undefined) return undefined;
  const total = cluster.nodes ?? nodes.length;
  return {
    name: cluster.name,
    isQuorate: cluster.quorate,
    nodes: total,
    online: nodes.filter(({ online }) => online).length,
    needed: Math.floor(total / 2) + 1,
  };
}
