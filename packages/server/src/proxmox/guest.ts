/** Guests, virtual machines and containers alike. Proxmox has no call that runs a command in a container. */
import { z } from "zod";
import type { Abortable, Api } from "./api.ts";
import {
  CONTAINER_CONFIG,
  CONTAINER_LOAD,
  CONTAINER_SNAPSHOTS,
  CONTAINER_STATUS,
  VM_CONFIG,
  VM_LOAD,
  VM_SNAPSHOTS,
  VM_STATUS,
} from "./endpoints.ts";
import { flag, type Listed, maybe, number, parseData, parseList, text } from "./parse.ts";
import { redactText } from "./redact.ts";

/** A virtual machine or a container, as Proxmox calls them. */
export type GuestType = "qemu" | "lxc";

/** One for each type of guest. */
export type ByType<Vm, Container> = Readonly<{ qemu: Vm; lxc: Container }>;

export const GUEST_STATUS: ByType<typeof VM_STATUS, typeof CONTAINER_STATUS> = {
  qemu: VM_STATUS,
  lxc: CONTAINER_STATUS,
};
export const GUEST_CONFIG: ByType<typeof VM_CONFIG, typeof CONTAINER_CONFIG> = {
  qemu: VM_CONFIG,
  lxc: CONTAINER_CONFIG,
};
export const GUEST_SNAPSHOTS: ByType<typeof VM_SNAPSHOTS, typeof CONTAINER_SNAPSHOTS> = {
  qemu: VM_SNAPSHOTS,
  lxc: CONTAINER_SNAPSHOTS,
};
export const GUEST_LOAD: ByType<typeof VM_LOAD, typeof CONTAINER_LOAD> = {
  qemu: VM_LOAD,
  lxc: CONTAINER_LOAD,
};

/** Which guest is meant, and where it is. */
export interface OfGuest extends Abortable {
  readonly type: GuestType;
  readonly node: string;
  readonly vmid: number;
}

/** Bytes, also since the start for `net*` and `disk*`; `uptime` in seconds. */
export interface GuestStatus {
  /** `running` or `stopped`. */
  readonly status: string;
  readonly name?: string | undefined;
  /** A fraction of `cpus` processors. */
  readonly cpu?: number | undefined;
  readonly cpus?: number | undefined;
  readonly mem?: number | undefined;
  readonly maxmem?: number | undefined;
  readonly disk?: number | undefined;
  readonly maxdisk?: number | undefined;
  readonly diskread?: number | undefined;
  readonly diskwrite?: number | undefined;
  readonly netin?: number | undefined;
  readonly netout?: number | undefined;
  readonly uptime?: number | undefined;
  readonly template?: boolean | undefined;
  readonly tags?: string | undefined;
  /** What holds it now, as in `backup` or `migrate`. */
  readonly lock?: string | undefined;
  readonly ha?: { readonly managed: boolean; readonly state?: string | undefined } | undefined;
  /** Of a virtual machine, as the rest: finer than `status`, as in `paused`. */
  readonly qmpstatus?: string | undefined;
  /** Whether the configuration says that a guest agent runs inside. */
  readonly agent?: boolean | undefined;
  /** Bytes that the balloon leaves to the guest. */
  readonly balloon?: number | undefined;
  /** What QEMU counted since the start, by disk. */
  readonly blockstat?: Readonly<Record<string, DiskCounters>> | undefined;
}

/** Operations that failed. */
interface DiskCounters {
  readonly failed_rd_operations?: number | undefined;
  readonly failed_wr_operations?: number | undefined;
}

const diskCounters = z.object({
  failed_rd_operations: maybe(number),
  failed_wr_operations: maybe(number),
});

const status = z.object({
  status: text,
  name: maybe(text),
  cpu: maybe(number),
  cpus: maybe(number),
  mem: maybe(number),
  maxmem: maybe(number),
  disk: maybe(number),
  maxdisk: maybe(number),
  diskread: maybe(number),
  diskwrite: maybe(number),
  netin: maybe(number),
  netout: maybe(number),
  uptime: maybe(number),
  template: maybe(flag),
  tags: maybe(text),
  lock: maybe(text),
  ha: maybe(z.object({ managed: flag.catch(false), state: maybe(text) })),
  qmpstatus: maybe(text),
  agent: maybe(flag),
  balloon: maybe(number),
  blockstat: maybe(z.record(z.string(), diskCounters)),
});

export async function guestStatus(
  api: Api,
  { type, node, vmid, signal }: OfGuest,
): Promise<GuestStatus> {
  const endpoint = GUEST_STATUS[type];
  return parseData(endpoint, status, await api.call(endpoint, { values: { node, vmid }, signal }));
}

/** A guest's configuration: option -> value, as Proxmox writes it. */
export type GuestConfig = Readonly<Record<string, string | number>>;

const config: z.ZodType<GuestConfig> = z
  .record(z.string(), z.unknown())
  .transform((options) => Object.fromEntries(Object.entries(options).filter(isPlainOption)));

// Of an LXC configuration, `lxc` is a list of raw lines that no option stands for.
function isPlainOption(option: [string, unknown]): option is [string, string | number] {
  return typeof option[1] === "string" || typeof option[1] === "number";
}

export async function guestConfig(
  api: Api,
  { type, node, vmid, signal }: OfGuest,
): Promise<GuestConfig> {
  const endpoint = GUEST_CONFIG[type];
  return parseData(endpoint, config, await api.call(endpoint, { values: { node, vmid }, signal }));
}

export interface Snapshot {
  readonly name: string;
  /** Seconds since 1970. */
  readonly snaptime?: number | undefined;
  /** Less what looks like a password. */
  readonly description?: string | undefined;
  /** The snapshot that was there before it. */
  readonly parent?: string | undefined;
  /** Whether it holds the memory of a running machine. */
  readonly vmstate?: boolean | undefined;
}

const snapshot = z.object({
  name: text,
  snaptime: maybe(number),
  description: maybe(text.transform(redactText)),
  parent: maybe(text),
  vmstate: maybe(flag),
});

/** Less the entry `current`, which is no snapshot but the running state. */
export async function guestSnapshots(
  api: Api,
  { type, node, vmid, signal }: OfGuest,
): Promise<Listed<Snapshot>> {
  const endpoint = GUEST_SNAPSHOTS[type];
  const data = await api.call(endpoint, { values: { node, vmid }, signal });
  const { items, unreadable } = parseList(endpoint, snapshot, data);
  return { items: items.filter(({ name }) => name !== "current"), unreadable };
}

export interface OfLoad extends OfGuest {
  /** How far back recorded load goes, and so how fine it is. */
  readonly timeframe: "hour" | "day" | "week" | "month" | "year";
  /** What an interval's samples were made into. */
  readonly cf?: "AVERAGE" | "MAX" | undefined;
}

/** Load of one interval; memory in bytes. */
export interface LoadPoint {
  /** Seconds since 1970. */
  readonly time: number;
  /** A fraction of the guest's processors. Nothing here means that it did not run. */
  readonly cpu?: number | undefined;
  readonly mem?: number | undefined;
  readonly maxmem?: number | undefined;
}

const loadPoint = z.object({
  time: number,
  cpu: maybe(number),
  mem: maybe(number),
  maxmem: maybe(number),
});

export async function guestLoad(
  api: Api,
  { type, node, vmid, timeframe, cf, signal }: OfLoad,
): Promise<Listed<LoadPoint>> {
  const endpoint = GUEST_LOAD[type];
  const parameters = { timeframe, cf };
  const data = await api.call(endpoint, { values: { node, vmid }, parameters, signal });
  return parseList(endpoint, loadPoint, data);
}
