/** Containers. Proxmox has no call that runs a command in one. */
import { z } from "zod";
import type { Api } from "./api.ts";
import {
  CONTAINER_CONFIG,
  CONTAINER_LOAD,
  CONTAINER_SNAPSHOTS,
  CONTAINER_STATUS,
} from "./endpoints.ts";
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
import { type Listed, maybe, number, parseData, parseList } from "./parse.ts";

export interface ContainerStatus extends GuestStatus {
  /** Bytes. */
  readonly swap?: number | undefined;
  /** Bytes. */
  readonly maxswap?: number | undefined;
}

const status = z.object({ ...guestStatusParts, swap: maybe(number), maxswap: maybe(number) });

export async function containerStatus(
  api: Api,
  { node, vmid, signal }: OfGuest,
): Promise<ContainerStatus> {
  const data = await api.call(CONTAINER_STATUS, { values: { node, vmid }, signal });
  return parseData(CONTAINER_STATUS, status, data);
}

export async function containerConfig(
  api: Api,
  { node, vmid, signal }: OfGuest,
): Promise<GuestConfig> {
  const data = await api.call(CONTAINER_CONFIG, { values: { node, vmid }, signal });
  return parseData(CONTAINER_CONFIG, guestConfig, data);
}

export async function containerSnapshots(
  api: Api,
  { node, vmid, signal }: OfGuest,
): Promise<Listed<Snapshot>> {
  const data = await api.call(CONTAINER_SNAPSHOTS, { values: { node, vmid }, signal });
  return withoutCurrent(parseList(CONTAINER_SNAPSHOTS, snapshot, data));
}

export async function containerLoad(
  api: Api,
  { node, vmid, timeframe, cf, signal }: OfLoad,
): Promise<Listed<LoadPoint>> {
  const parameters = { timeframe, cf };
  const data = await api.call(CONTAINER_LOAD, { values: { node, vmid }, parameters, signal });
  return parseList(CONTAINER_LOAD, loadPoint, data);
}
