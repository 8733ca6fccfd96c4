/** Nodes: the hosts of a cluster. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import { NODE_CERTIFICATES, NODE_STATUS, NODES } from "./endpoints.ts";
import { type Load, load } from "./load.ts";
import { type Listed, maybe, number, parseData, parseList, text } from "./parse.ts";

interface OfNode extends Abortable {
  readonly node: string;
}

export interface NodeListEntry extends Load {
  readonly node: string;
  /** `online`, `offline` or `unknown`. */
  readonly status: string;
}

const entry = z.object({
  node: text,
  status: text.catch("unknown"),
  ...load,
});

export async function listNodes(
  api: Api,
  { signal }: Abortable = {},
): Promise<Listed<NodeListEntry>> {
  return parseList(NODES, entry, await api.call(NODES, { values: {}, signal }));
}

/** Bytes. */
export interface Space {
  readonly used: number;
  readonly total: number;
}

export interface NodeStatus {
  /** A fraction of all processors. */
  readonly cpu?: number | undefined;
  /** The fraction of time spent waiting for disks. */
  readonly wait?: number | undefined;
  /** Seconds. */
  readonly uptime?: number | undefined;
  /** Over 1, 5 and 15 minutes. */
  readonly loadavg: readonly number[];
  readonly memory?: Space | undefined;
  readonly swap?: Space | undefined;
  readonly rootfs?: Space | undefined;
  readonly cpuinfo?: CpuInfo | undefined;
  readonly kversion?: string | undefined;
  readonly pveversion?: string | undefined;
}

export interface CpuInfo {
  readonly model?: string | undefined;
  readonly sockets?: number | undefined;
  readonly cores?: number | undefined;
  /** Threads of all sockets. */
  readonly cpus?: number | undefined;
}

const space = z.object({ used: number, total: number });

const status = z.object({
  cpu: maybe(number),
  wait: maybe(number),
  uptime: maybe(number),
  loadavg: z.array(number).catch([]),
  memory: maybe(space),
  swap: maybe(space),
  rootfs: maybe(space),
  cpuinfo: maybe(
    z.object({
      model: maybe(text),
      sockets: maybe(number),
      cores: maybe(number),
      cpus: maybe(number),
    }),
  ),
  kversion: maybe(text),
  pveversion: maybe(text),
});

export async function nodeStatus(api: Api, { node, signal }: OfNode): Promise<NodeStatus> {
  return parseData(NODE_STATUS, status, await api.call(NODE_STATUS, { values: { node }, signal }));
}

export interface NodeCertificate {
  readonly filename: string;
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  /** Seconds since 1970. */
  readonly notafter?: number | undefined;
}

const certificate = z.object({
  filename: text,
  issuer: maybe(text),
  subject: maybe(text),
  notafter: maybe(number),
});

export async function nodeCertificates(
  api: Api,
  { node, signal }: OfNode,
): Promise<Listed<NodeCertificate>> {
  const data = await api.call(NODE_CERTIFICATES, { values: { node }, signal });
  return parseList(NODE_CERTIFICATES, certificate, data);
}
