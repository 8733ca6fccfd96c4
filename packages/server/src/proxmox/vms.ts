/** Virtual machines. */
import { z } from "zod";
import type { Api } from "./api.ts";
import { VM_CONFIG, VM_LOAD, VM_SNAPSHOTS, VM_STATUS } from "./endpoints.ts";
import {
  type GuestConfig,
  type GuestStatus,
  guestConfig,
  guestStatusParts,
  type LoadPoint,
  loadPoint,
  type OfGuest,
  type OfLoad,
  type Snapshot,
  snapshot,
  withoutCurrent,
} from "./guest.ts";
import { flag, type Listed, maybe, number, parseData, parseList, text } from "./parse.ts";

export interface VmStatus extends GuestStatus {
  /** Finer than `status`, as in `paused`. */
  readonly qmpstatus?: string | undefined;
  /** Whether the configuration says that a guest agent runs inside. */
  readonly agent?: boolean | undefined;
  /** Bytes that the balloon leaves to the guest. */
  readonly balloon?: number | undefined;
  /** What QEMU counted since the start, by disk. */
  readonly blockstat?: Readonly<Record<string, DiskCounters>> | undefined;
}

/** Operations that failed. */
export interface DiskCounters {
  readonly failed_rd_operations?: number | undefined;
  readonly failed_wr_operations?: number | undefined;
}

const diskCounters = z.object({
  failed_rd_operations: maybe(number),
  failed_wr_operations: maybe(number),
});

const status = z.object({
  ...guestStatusParts,
  qmpstatus: maybe(text),
  agent: maybe(flag),
  balloon: maybe(number),
  blockstat: maybe(z.record(z.string(), diskCounters)),
});

export async function vmStatus(api: Api, { node, vmid, signal }: OfGuest): Promise<VmStatus> {
  const data = await api.call(VM_STATUS, { values: { node, vmid }, signal });
  return parseData(VM_STATUS, status, data);
}

export async function vmConfig(api: Api, { node, vmid, signal }: OfGuest): Promise<GuestConfig> {
  const data = await api.call(VM_CONFIG, { values: { node, vmid }, signal });
  return parseData(VM_CONFIG, guestConfig, data);
}

export async function vmSnapshots(
  api: Api,
  { node, vmid, signal }: OfGuest,
): Promise<Listed<Snapshot>> {
  const data = await api.call(VM_SNAPSHOTS, { values: { node, vmid }, signal });
  return withoutCurrent(parseList(VM_SNAPSHOTS, snapshot, data));
}

export async function vmLoad(
  api: Api,
  { node, vmid, timeframe, cf, signal }: OfLoad,
): Promise<Listed<LoadPoint>> {
  const parameters = { timeframe, cf };
  const data = await api.call(VM_LOAD, { values: { node, vmid }, parameters, signal });
  return parseList(VM_LOAD, loadPoint, data);
}
