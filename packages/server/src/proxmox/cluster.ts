/** The cluster as a whole. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { CLUSTER_FIREWALL, CLUSTER_STATUS, HA_STATUS } from "./endpoints.ts";
import { flag, type Listed, maybe, number, parseData, parseList, text } from "./parse.ts";

/** The cluster's own entry. */
export interface ClusterFacts {
  readonly name: string;
  readonly quorate: boolean;
  /** How many nodes belong to it. */
  readonly nodes?: number | undefined;
  /** Of its configuration: counts its changes. */
  readonly version?: number | undefined;
}

export interface ClusterNode {
  readonly name: string;
  readonly online: boolean;
  /** Whether this is the node that answered. */
  readonly local: boolean;
  readonly nodeid?: number | undefined;
  readonly ip?: string | undefined;
}

export interface ClusterStatus {
  /** Absent on a host that belongs to no cluster. */
  readonly cluster: ClusterFacts | undefined;
  readonly nodes: readonly ClusterNode[];
  readonly unreadable: number;
}

const clusterEntry = z.object({
  type: z.literal("cluster"),
  name: text,
  quorate: flag,
  nodes: maybe(number),
  version: maybe(number),
});

const nodeEntry = z.object({
  type: z.literal("node"),
  name: text,
  online: flag.catch(false),
  local: flag.catch(false),
  nodeid: maybe(number),
  ip: maybe(text),
});

/** Membership and quorum. */
export async function clusterStatus(api: Api, { signal }: Abortable = {}): Promise<ClusterStatus> {
  const data = await api.call(CLUSTER_STATUS, { values: {}, signal });
  const schema = z.discriminatedUnion("type", [clusterEntry, nodeEntry]);
  const { items, unreadable } = parseList(CLUSTER_STATUS, schema, data);
  const clusters = items.filter((item) => item.type === "cluster");
  const nodes = items.filter((item) => item.type === "node");
  return {
    cluster: clusters.map(({ type: _, ...facts }) => facts)[0],
    nodes: nodes.map(({ type: _, ...node }) => node),
    unreadable,
  };
}

/** What high availability says of itself: its quorum, master, local managers and services. */
export interface HaEntry {
  readonly id: string;
  readonly type: string;
  readonly status?: string | undefined;
  readonly node?: string | undefined;
  readonly quorate?: boolean | undefined;
  /** Of a service: its guest, as in `vm:100`. */
  readonly sid?: string | undefined;
  /** Of a service, as in `started` or `error`. */
  readonly state?: string | undefined;
}

const haEntry = z.object({
  id: text,
  type: text,
  status: maybe(text),
  node: maybe(text),
  quorate: maybe(flag),
  sid: maybe(text),
  state: maybe(text),
});

export async function haStatus(api: Api, { signal }: Abortable = {}): Promise<Listed<HaEntry>> {
  return parseList(HA_STATUS, haEntry, await api.call(HA_STATUS, { values: {}, signal }));
}

export interface ClusterFirewall {
  /** Off for the whole cluster unless switched on. */
  readonly enable: boolean;
}

const firewall = z.object({
  // Older releases stored the time at which it was switched on.
  enable: number.catch(0).transform((enable) => enable > 0),
});

export async function clusterFirewall(
  api: Api,
  { signal }: Abortable = {},
): Promise<ClusterFirewall> {
  const data = await api.call(CLUSTER_FIREWALL, { values: {}, signal });
  return parseData(CLUSTER_FIREWALL, firewall, data);
}
