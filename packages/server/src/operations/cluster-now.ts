/** What a new guest needs of the cluster: a node that is up, storages, a free id. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { nextId } from "../proxmox/guest-operations.ts";
import type { ClusterResources } from "../proxmox/resources.ts";
import { storageContent } from "../proxmox/storage.ts";
import type { Look } from "./look.ts";
import { refused } from "./refused.ts";

const GIB = 1024 ** 3;

/** @throws ProxmoxMcpError NODE_UNREACHABLE where it is down, PROXMOX_INVALID where there is none. */
export function requireNode({ nodes }: ClusterResources, name: string): void {
  const node = nodes.find((candidate) => candidate.node === name);
  if (node === undefined) {
    throw new ProxmoxMcpError("PROXMOX_INVALID", `there is no node ${name}`, {
      hint: "see get_nodes for the names of the nodes",
    });
  }
  if (node.status === "offline") {
    throw new ProxmoxMcpError("NODE_UNREACHABLE", `node ${name} is offline`, {
      hint: `take another node, or bring ${name} back`,
    });
  }
}

/** A storage of a node, for something of a size. */
export interface StorageQuestion {
  readonly node: string;
  readonly storage: string;
  /** As in `images`. */
  readonly content: string;
  readonly gibibytes?: number | undefined;
}

/**
 * @returns what to know of the storage.
 * @throws ProxmoxMcpError PROXMOX_INVALID where the node has no such storage for this content.
 */
export function requireStorage(
  { storages }: ClusterResources,
  { node, storage: name, content, gibibytes = 0 }: StorageQuestion,
): readonly string[] {
  const storage = storages.find((entry) => entry.node === node && entry.storage === name);
  if (storage === undefined) {
    throw new ProxmoxMcpError("PROXMOX_INVALID", `node ${node} has no storage ${name}`, {
      hint: "see get_storage; those without Datastore.Audit are hidden",
    });
  }
  if (storage.content !== undefined && !storage.content.split(",").includes(content)) {
    throw new ProxmoxMcpError("PROXMOX_INVALID", `storage ${name} takes no ${content}`, {
      hint: `see get_storage for a storage whose content has ${content}`,
    });
  }
  if (storage.status !== "available") {
    throw refused(`storage ${name} is not available on node ${node}`, "take another storage");
  }
  const { disk, maxdisk } = storage;
  if (disk === undefined || maxdisk === undefined || maxdisk - disk >= gibibytes * GIB) return [];
  const free = Math.floor((maxdisk - disk) / GIB);
  return [`storage ${name} has ${free} GiB free, less than ${gibibytes} GiB`];
}

/** @throws ProxmoxMcpError PROXMOX_INVALID where the volume is not there. */
export async function requireVolume(
  { api, signal }: Look,
  {
    node,
    volume,
    content,
  }: { readonly node: string; readonly volume: string; readonly content: string },
): Promise<void> {
  const [storage = ""] = volume.split(":");
  const { items } = await storageContent(api, { node, storage, content, signal });
  if (items.some(({ volid }) => volid === volume)) return;
  throw new ProxmoxMcpError("PROXMOX_INVALID", `there is no ${volume} on node ${node}`, {
    hint: `list_storage_content with node ${node}, storage ${storage} and content ${content} shows those there are`,
  });
}

/** @throws ProxmoxMcpError GUEST_STATE where the one that was asked for is taken. */
export async function freeId({ api, signal }: Look, wanted: number | undefined): Promise<number> {
  try {
    return await nextId(api, { vmid: wanted, signal });
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError) || error.code !== "PROXMOX_INVALID") throw error;
    throw refused(
      `the id ${wanted} is taken`,
      "take another one, or none for the next that is free",
    );
  }
}
