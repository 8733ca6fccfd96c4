/** `--resume` and `--abort`: closes a run that was interrupted, and begins nothing. */
import { dirname } from "node:path";
import {
  type Locks,
  pathExists,
  type Recovery,
  resolveTarget,
  withTransaction,
} from "@proxmox-mcp/crypto/files";
import type { RotateKeyAllInvocation, RotateKeyInvocation } from "../invocation.ts";
import type { Io } from "../io.ts";
import { findKeys } from "../keys.ts";
import { afterRecovery } from "../rotation/after-recovery.ts";
import { directoriesWithLeftovers } from "../rotation/everything.ts";
import { findDestination } from "../rotation/find-destination.ts";
import { keyDirectories, promotePending } from "../rotation/key-store.ts";
import { promoteNewKey } from "../rotation/key-switch.ts";
import { look } from "../rotation/look.ts";
import { directoriesOf, findTargets } from "../rotation/targets.ts";

/** What was closed. */
export interface CloseResult {
  readonly command: "rotate-key" | "rotate-key-all";
  readonly outcome: "closed";
  readonly wish: "resume" | "abort";
  readonly recovered: readonly Recovery[];
  /** The key that waited at a sink or in a keyring, where one did. */
  readonly waiting: WaitingKey | undefined;
  readonly warnings: readonly string[];
}

/** A key that waited to become the active one. */
export interface WaitingKey {
  readonly place: "sink" | "keyring";
  readonly id: string | undefined;
  /** Whether it became that by now: all files were on it. */
  readonly isPromoted: boolean;
  /** How many files are not on it yet. */
  readonly filesBehind: number;
}

type Invocation = RotateKeyInvocation | RotateKeyAllInvocation;

/**
 * Finishes or undoes what stands open in the directories of these files, and needs no key for that. A
 * key that all files are on, and that still waits at its sink or in its keyring, is promoted there by
 * `resume`.
 *
 * @throws ProxmoxMcpError LOCKED, NOT_CLOSED.
 */
export async function closeRotation(
  io: Io,
  invocation: Invocation,
  wish: "resume" | "abort",
): Promise<CloseResult> {
  const { command } = invocation;
  const scope = {
    directories: openDirectories(invocation),
    operation: command,
    wish: wish === "abort" ? ("abort" as const) : ("finish" as const),
  };
  return withTransaction(scope, async ({ recovered, locks }) => ({
    command,
    outcome: "closed",
    wish,
    recovered,
    waiting:
      wish === "resume" && namesOutsideStore(invocation)
        ? await afterRecovery(recovered, () => promote(io, invocation, locks))
        : undefined,
    warnings: [],
  }));
}

function namesOutsideStore({ newKeySink, newKeyFile, newKeyOut, keyring }: Invocation): boolean {
  if (newKeySink !== undefined) return true;
  return keyring !== undefined && newKeyFile === undefined && newKeyOut === undefined;
}

/** Where a run may stand open. One of its files may be gone, and the key is none of the files. */
function openDirectories(invocation: Invocation): readonly string[] {
  if (invocation.command === "rotate-key-all") {
    return directoriesWithLeftovers(invocation.directories);
  }
  const directories = invocation.files.map((file) =>
    dirname(pathExists(file) ? resolveTarget(file) : file),
  );
  return [...new Set(directories)];
}

async function promote(
  io: Io,
  invocation: Invocation,
  locks: Locks,
): Promise<WaitingKey | undefined> {
  const { source } = await findKeys(io, invocation);
  const destination = findDestination(io, invocation, source);
  const targets = await findTargets(invocation);
  await locks.add([...directoriesOf(targets.targets), ...keyDirectories(io, destination)]);
  const keys = await findKeys(io, invocation);
  const { newKey, survey, todo } = await look({ io, invocation, destination, ...targets }, keys);
  const storing = { io, destination, keys: keys.keys, locks };
  const place = destination.kind === "keyring" ? "keyring" : "sink";
  if (newKey?.origin !== "waiting") {
    const isHandedOver = await promotePending(storing);
    return isHandedOver
      ? { place, id: keys.active.id, isPromoted: true, filesBehind: 0 }
      : undefined;
  }
  const filesBehind = todo.length + survey.failed.length;
  const isPromoted = survey.files.length > 0 && filesBehind === 0;
  if (isPromoted) await promoteNewKey(storing, newKey);
  return { place, id: newKey.key.id, isPromoted, filesBehind };
}
