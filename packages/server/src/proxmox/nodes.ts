/** Nodes: the hosts of a cluster. */
import { z } from "zod";
import type { Api } from "./api.ts";
import { NODE_CERTIFICATES, NODE_STATUS, NODES } from "./endpoints.ts";
import { type Listed, maybe, number, parseData, parseList, text } from "./parse.ts";

interface Options {
  readonly signal?: AbortSignal | undefined;
}

interface OfNode extends Options {
  readonly node: string;
}

/** Bytes; `cpu` is a fraction of `maxcpu` processors; `uptime` in seconds. */
export interface NodeListEntry {
  readonly node: string;
  /** `online`, `offline` or `unknown`. */
  readonly status: string;
  readonly cpu?: number | undefined;
  readonly maxcpu?: number | undefined;
  readonly mem?: number | undefined;
  readonly maxmem?: number | undefined;
  readonly disk?: number | undefined;
  readonly maxdisk?: number | undefined;
  readonly uptime?: number | undefined;
  readonly ssl_fingerprint?: string | undefined;
  readonly level?: string | undefined;
}

const entry = z.object({
  node: text,
  status: maybe(text).transform((status) => status ?? "unknown"),
  cpu: maybe(number),
  maxcpu: maybe(number),
  mem: maybe(number),
  maxmem: maybe(number),
  disk: maybe(number),
  maxdisk: maybe(number),
  uptime: maybe(number),
  ssl_fingerprint: maybe(text),
  level: maybe(text),
});

export async function listNodes(
  api: Api,
  { signal }: Options = {},
): Promise<Listed<NodeListEntry>> {
  return parseList(NODES, entry, await api.call(NODES, { values: {}, signal }));
}

/** Bytes. */
export interface Space {
  readonly used: number;
  readonly total: number;
  readonly free?: number | undefined;
  readonly avail?: number | undefined;
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

const space = z.object({ used: number, total: number, free: maybe(number), avail: maybe(number) });

const status = z.object({
  cpu: maybe(number),
  wait: maybe(number),
  uptime: maybe(number),
  loadavg: maybe(z.array(number)).transform((loadavg) => loadavg ?? []),
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
  readonly fingerprint?: string | undefined;
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  /** Seconds since 1970. */
  readonly notbefore?: number | undefined;
  /** Seconds since 1970. */
  readonly notafter?: number | undefined;
  readonly san: readonly string[];
}

const certificate = z.object({
  filename: text,
  fingerprint: maybe(text),
  issuer: maybe(text),
  subject: maybe(text),
  notbefore: maybe(number),
  notafter: maybe(number),
  san: maybe(z.array(text)).transform((san) => san ?? []),
});

export async function nodeCertificates(
  api: Api,
  { node, signal }: OfNode,
): Promise<Listed<NodeCertificate>> {
  const data = await api.call(NODE_CERTIFICATES, { values: { node }, signal });
  return parseList(NODE_CERTIFICATES, certificate, data);
}
