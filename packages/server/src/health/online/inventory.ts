/** How much there is in a cluster, as far as the caller may see. */
import type { Api } from "../../proxmox/api.ts";
import { clusterResources } from "../../proxmox/resources.ts";

export interface Inventory {
  readonly nodes: { readonly total: number; readonly online: number };
  /** By name: a storage that several nodes have counts once. */
  readonly storages: number;
}

export async function takeInventory(api: Api): Promise<Inventory> {
  const { nodes, storages } = await clusterResources(api);
  const online = nodes.filter(({ status }) => status === "online").length;
  return {
    nodes: { total: nodes.length, online },
    storages: new Set(storages.map(({ storage }) => storage)).size,
  };
}
