/**
 * Pending keys: a new key that was made durable before a sink got it, in a file of its own until the
 * source of the key holds it.
 */
import { readdirSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { formatKeyText, type KeyText } from "../key/key-text.ts";
import type { MasterKey } from "../key/master-key.ts";
import { createFile } from "./create.ts";
import { syncDirectory } from "./durable.ts";
import { flushFile } from "./flush-file.ts";
import {
  FIND_OUT,
  isPending,
  type PendingKey,
  readPendingFile,
  refuseOpenDirectory,
  unseenError,
} from "./pending-file.ts";
import type { Checks } from "./stage.ts";
import { makeStateDirectory, type StatePlace, stateDirectory } from "./state-directory.ts";
import { systemCode, systemReason } from "./system-error.ts";

const NAME = /^pending-(?<id>[0-9a-f]{8})$/;

/** What surrounds the writing of a pending file. */
export interface PendingOptions extends Pick<Checks, "locks" | "signal"> {
  /** Named to others who find the directory locked. Default: `rotate-key`. */
  readonly operation?: string;
}

/** Where the pending file of a new key is. Its name holds nothing but the key's id. */
export function pendingKeyPath(place: StatePlace, id: string): string {
  return join(stateDirectory(place), `pending-${id}`);
}

/**
 * Writes a pending file of mode 0600, durably, and reads it back. One that is there already for the
 * same active key and successor keeps its text and is flushed: a run that died may not have come to
 * that, so call this for a key that was found, too.
 *
 * @param keys - with a successor of 32 bytes.
 * @throws ProxmoxMcpError KEY_CONFLICT where the file is there for another active key; as
 * `findPendingKeys` for one that cannot be relied on; WRITE_FAILED, LOCKED, INTERRUPTED, NOT_CLOSED
 * as `createFile`.
 */
export async function writePendingKey(
  place: StatePlace,
  keys: KeyText,
  options: PendingOptions = {},
): Promise<PendingKey> {
  const { active, successor } = keys;
  if (successor?.id === undefined) throw new TypeError("a pending key is a successor with an id");
  makeStateDirectory(place);
  const path = pendingKeyPath(place, successor.id);
  const { operation = "rotate-key", ...checks } = options;
  try {
    await createFile({ path, data: formatKeyText(keys), mode: 0o600, operation, ...checks });
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError) || error.code !== "OUTPUT_EXISTS") throw error;
  }
  const found = readPendingFile(path, successor.id);
  // An id is no proof that two keys are the same one.
  if (!found.keys.active.equals(active) || !found.keys.successor.equals(successor)) {
    throw new ProxmoxMcpError(
      "KEY_CONFLICT",
      `the pending file ${path} holds other keys than this run needs`,
      { where: { file: path }, hint: FIND_OUT },
    );
  }
  flushFile(path);
  return found;
}

/**
 * Every pending key that can be read, for a hint after a wrong key: the others are no reason for a second
 * error.
 */
export function listPendingKeys(place: StatePlace): readonly PendingKey[] {
  const directory = stateDirectory(place);
  try {
    refuseOpenDirectory(directory);
    return listPending(directory).flatMap(({ name, id }) => readableIn(join(directory, name), id));
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return [];
    throw error;
  }
}

/**
 * Finds the pending key that waits to succeed a key. Every pending file is read; one that cannot be
 * relied on is never passed over, since it may hold the only copy of a key.
 *
 * @throws ProxmoxMcpError KEY_CONFLICT naming the files where several keys wait; KEY_UNREADABLE,
 * KEY_EMPTY, KEY_INVALID, KEY_DUPLICATE for a file or directory that is unreadable, damaged, not our
 * own or open to others.
 */
export function findPendingKeys(place: StatePlace, active: MasterKey): PendingKey | undefined {
  const directory = stateDirectory(place);
  refuseOpenDirectory(directory);
  const found = listPending(directory)
    .map(({ name, id }) => readPendingFile(join(directory, name), id))
    .filter(({ keys }) => keys.active.equals(active));
  if (found.length > 1) {
    const paths = found.map(({ path }) => path).join(", ");
    throw new ProxmoxMcpError(
      "KEY_CONFLICT",
      `several new keys wait to succeed the active one: ${paths}`,
      {
        where: { file: directory },
        hint: "keep the one that the key store or a config file uses, move the others elsewhere",
      },
    );
  }
  return found[0];
}

/**
 * Finds the pending file of a key that was promoted: the source of the key holds it as its active
 * one, so that the file has done its service.
 *
 * @throws ProxmoxMcpError as `findPendingKeys`, of this file alone.
 */
export function findPromotedPending(place: StatePlace, source: KeyText): PendingKey | undefined {
  const { id } = source.active;
  if (id === undefined) return undefined;
  const path = pendingKeyPath(place, id);
  refuseOpenDirectory(dirname(path));
  if (!isPending(path)) return undefined;
  const pending = readPendingFile(path, id);
  return pending.keys.successor.equals(source.active) ? pending : undefined;
}

/**
 * Removes a pending file, durably. Only for a key that its source holds. One that is gone is no
 * failure.
 *
 * @throws ProxmoxMcpError WRITE_FAILED.
 */
export function removePendingKey({ path }: Pick<PendingKey, "path">): void {
  try {
    unlinkSync(path);
    syncDirectory(dirname(path));
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code === "ENOENT") return;
    throw new ProxmoxMcpError("WRITE_FAILED", `cannot remove ${path}: ${systemReason(error)}`, {
      where: { file: path },
      cause: error,
      hint: "delete it by hand: its new key is in use, and the file is needed no longer",
    });
  }
}

function readableIn(path: string, id: string): readonly PendingKey[] {
  try {
    return [readPendingFile(path, id)];
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return [];
    throw error;
  }
}

function listPending(directory: string): readonly { name: string; id: string }[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw unseenError(directory, error);
  }
  return names.sort().flatMap((name) => {
    const id = NAME.exec(name)?.groups?.["id"];
    return id === undefined ? [] : [{ name, id }];
  });
}
