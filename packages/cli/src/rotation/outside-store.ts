/** Stores that are no file of ours: a sink, which is a command, or the operating system's keyring. */
import type { KeyText } from "@proxmox-mcp/crypto";
import { replaceInKeyring, type SinkPhase, storeAtSink } from "@proxmox-mcp/crypto/files";
import type { Io } from "../io.ts";
import type { Destination } from "./destination.ts";

/** A destination to which a whole key text is handed. */
export type OutsideStore = Extract<Destination, { kind: "sink" | "keyring" }>;

/** A key text to be handed over. */
export interface HandOver {
  readonly to: KeyText;
  /** The key texts that may be there now; a sink is not asked. */
  readonly from: readonly KeyText[];
  readonly phase: SinkPhase;
}

/** Whether a destination is such a store. */
export function isOutside(destination: Destination | undefined): destination is OutsideStore {
  return destination?.kind === "sink" || destination?.kind === "keyring";
}

/** The present key's own file, where that keeps the new key until the store has it. */
export function keyFileBeside(store: OutsideStore): string | undefined {
  return store.kind === "sink" ? store.keyFile : undefined;
}

/**
 * Hands a whole key text over.
 *
 * @throws ProxmoxMcpError SINK_FAILED as `storeAtSink`, KEYRING_FAILED and FILE_CHANGED as
 * `replaceInKeyring`, INTERRUPTED.
 */
export async function handOver(
  store: OutsideStore,
  { to, from, phase }: HandOver,
  surroundings: Pick<Io, "env"> & Partial<Pick<Io, "signal">>,
): Promise<void> {
  const { env, signal } = surroundings;
  if (store.kind === "sink") await storeAtSink(store.sink, to, phase, { env, signal });
  else await replaceInKeyring(store.account, { to, from, phase }, { env, signal });
}
