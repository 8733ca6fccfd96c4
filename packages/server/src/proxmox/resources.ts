/** Everything in the cluster that the caller may see, in one call. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { CLUSTER_RESOURCES } from "./endpoints.ts";
import type { GuestType } from "./guest.ts";
import { type Load, load } from "./load.ts";
import { flag, integer, maybe, number, parseList, text } from "./parse.ts";

export interface GuestResource extends Load {
  readonly type: GuestType;
  readonly vmid: number;
  /** Where it is now. Guests move. */
  readonly node: string;
  /** `unknown` where its node is down. */
  readonly status: string;
  readonly template: boolean;
  readonly name?: string | undefined;
  readonly tags?: string | undefined;
  readonly pool?: string | undefined;
  readonly hastate?: string | undefined;
  readonly lock?: string | undefined;
}

export interface NodeResource extends Load {
  readonly node: string;
  readonly status: string;
}

export interface StorageResource {
  readonly storage: string;
  readonly node: string;
  readonly status: string;
  readonly shared: boolean;
  /** Bytes. */
  readonly disk?: number | undefined;
  readonly maxdisk?: number | undefined;
  /** What may be kept there, separated by commas. */
  readonly content?: string | undefined;
  readonly plugintype?: string | undefined;
}

export interface ClusterResources {
  readonly guests: readonly GuestResource[];
  readonly nodes: readonly NodeResource[];
  readonly storages: readonly StorageResource[];
  /** How many entries were left out because they could not be read. */
  readonly unreadable: number;
}

const status = text.catch("unknown");
const off = flag.catch(false);

const guestParts = {
  ...load,
  vmid: integer,
  node: text,
  status,
  template: off,
  name: maybe(text),
  tags: maybe(text),
  pool: maybe(text),
  hastate: maybe(text),
  lock: maybe(text),
};

const resource = z.discriminatedUnion("type", [
  z.object({ type: z.literal("qemu"), ...guestParts }),
  z.object({ type: z.literal("lxc"), ...guestParts }),
  z.object({ type: z.literal("node"), ...load, node: text, status }),
  z.object({
    type: z.literal("storage"),
    storage: text,
    node: text,
    status,
    shared: off,
    disk: maybe(number),
    maxdisk: maybe(number),
    content: maybe(text),
    plugintype: maybe(text),
  }),
]);

// Pools, networks and whatever later releases add are none of ours, and no faults.
const KNOWN: ReadonlySet<unknown> = new Set(["qemu", "lxc", "node", "storage"]);
const foreign = z
  .object({ type: z.string().refine((type) => !KNOWN.has(type)) })
  .transform(() => ({ type: "foreign" as const }));

/**
 * Guests, nodes and storages of all nodes. A node that is down hides nothing: its guests have the
 * status `unknown`.
 */
export async function clusterResources(
  api: Api,
  { signal }: Abortable = {},
): Promise<ClusterResources> {
  const data = await api.call(CLUSTER_RESOURCES, { values: {}, signal });
  const { items, unreadable } = parseList(CLUSTER_RESOURCES, resource.or(foreign), data);
  return {
    guests: items.filter((item) => item.type === "qemu" || item.type === "lxc"),
    nodes: items.filter((item) => item.type === "node").map(({ type: _, ...node }) => node),
    storages: items.filter((item) => item.type === "storage").map(({ type: _, ...rest }) => rest),
    unreadable,
  };
}
