/** Making a new key durable before any config changes. */
import { dirname } from "node:path";
import {
  formatKeyText,
  type KeyText,
  type MasterKey,
  parseKeyText,
  switchedTo,
  withSuccessor,
} from "@proxmox-mcp/crypto";
import {
  createKeyFile,
  findLeftovers,
  findPromotedPending,
  flushFile,
  type Locks,
  makeStateDirectory,
  pathExists,
  pendingKeyPath,
  readKeyFile,
  refuseOpenDirectory,
  replaceKeyFile,
  resolveTarget,
  stateDirectory,
  writePendingKey,
} from "@proxmox-mcp/crypto/files";
import { everyKey, holdsKey } from "@proxmox-mcp/crypto/internal";
import type { Io } from "../io.ts";
import type { Destination } from "./destination.ts";
import { type NewKey, preparedKey, switchedKey, takenError } from "./new-key.ts";
import { handOver, keyFileBeside, type OutsideStore } from "./outside-store.ts";

const SHALLOW = { recursive: false };

/** What storing a new key needs. */
export interface Storing {
  readonly io: Io;
  readonly destination: Destination;
  /** The key text as it is now. */
  readonly keys: KeyText;
  readonly locks: Locks;
}

/**
 * What must be locked while a new key is made: where it is going to be written, and where others look
 * whether one waits. Without that, two runs would make two keys, and the later one at a sink would
 * take the place of the earlier.
 *
 * @throws ProxmoxMcpError KEY_UNREADABLE for a directory of pending keys that is open to others.
 */
export function keyDirectories(io: Io, destination: Destination): readonly string[] {
  switch (destination.kind) {
    case "given":
      return [];
    case "out": {
      // One that is there is only read, and may be in a directory that nobody can write; unless the run
      // that made it was killed before it could clear up.
      const directory = dirname(destination.path);
      const isRead = pathExists(destination.path) && findLeftovers(directory, SHALLOW).length === 0;
      return isRead ? [] : [directory];
    }
    case "key-file":
      return [dirname(resolveTarget(destination.path))];
    case "sink":
    case "keyring": {
      const keyFile = keyFileBeside(destination);
      return [keyFile === undefined ? pendingDirectory(io) : dirname(resolveTarget(keyFile))];
    }
  }
}

/**
 * The directory of pending keys, made where it is missing. One that is open is refused before it could
 * be tightened: what waits in it may be anybody's.
 *
 * @throws ProxmoxMcpError KEY_UNREADABLE.
 */
export function pendingDirectory(io: Io): string {
  refuseOpenDirectory(stateDirectory(io));
  return makeStateDirectory(io);
}

/**
 * Stores the new key beside the present one, and reads it back. Repeating it stores nothing new. For an
 * active key that still has its pending file it calls the sink again: the run that made it may have died
 * before, and what is set in an environment is stored nowhere.
 *
 * @returns the file that holds it now; `undefined` for the active key.
 * @throws ProxmoxMcpError with no config changed: KEY_FILE_EXISTS, WRITE_FAILED, SINK_FAILED and
 * the like.
 */
export async function storeNewKey(storing: Storing, newKey: NewKey): Promise<string | undefined> {
  const { destination, keys } = storing;
  const { key, origin } = newKey;
  if (origin === "active") {
    await promotePending(storing);
    return undefined;
  }
  switch (destination.kind) {
    case "given":
      flushFile(destination.path);
      return destination.path;
    case "out":
      return storeOutput(storing, destination.path, newKey, switchedTo(keys, key));
    case "key-file":
      return storePending(storing, destination.path, key);
    case "sink":
    case "keyring":
      return storeOutside(storing, destination, key);
  }
}

/**
 * Hands an active key to the sink as such, with all keys of its pending file, as long as it has one.
 *
 * @returns whether there was anything to be handed over.
 * @throws ProxmoxMcpError SINK_FAILED, INTERRUPTED, and as `findPromotedPending`.
 */
export async function promotePending({
  io,
  destination,
  keys,
}: Pick<Storing, "io" | "destination" | "keys">): Promise<boolean> {
  if (destination.kind !== "sink" || destination.keyFile !== undefined) return false;
  const pending = findPromotedPending(io, keys);
  if (pending === undefined) return false;
  const further = everyKey(pending.keys).filter((key) => !holdsKey(keys, key));
  const text = { ...keys, retired: [...keys.retired, ...further] };
  await handOver(destination, { to: text, from: [], phase: "promote" }, io);
  return true;
}

/** The file in which a new key waits once it is stored; `undefined` where its owner has put it there. */
export function waitingPlace(io: Io, destination: Destination, key: MasterKey): string | undefined {
  switch (destination.kind) {
    case "given":
      return undefined;
    case "sink":
    case "keyring":
      return keyFileBeside(destination) ?? pendingKeyPath(io, key.id ?? "");
    default:
      return destination.path;
  }
}

/**
 * As `storeNewKey`, for a key that is only prepared: it waits behind the present one everywhere.
 *
 * @throws ProxmoxMcpError as `storeNewKey`.
 */
export async function storePreparedKey(
  storing: Storing,
  newKey: NewKey,
): Promise<string | undefined> {
  const { destination, keys } = storing;
  if (destination.kind !== "out") return storeNewKey(storing, newKey);
  return storeOutput(storing, destination.path, newKey, withSuccessor(keys, newKey.key));
}

async function storeOutput(
  { keys, locks }: Storing,
  path: string,
  { key, origin }: NewKey,
  text: KeyText,
): Promise<string> {
  if (pathExists(path)) {
    // Only one that was found there, or in the key text, may be there already.
    const found = parseKeyText(readKeyFile(path).text);
    const stored = switchedKey(found, keys) ?? preparedKey(found, keys);
    if (origin === "fresh" || !stored?.equals(key)) throw takenError(path, found, keys);
    flushFile(path);
  } else {
    await createKeyFile(path, formatKeyText(text), locks);
  }
  return path;
}

async function storePending(
  { keys, locks }: Storing,
  path: string,
  key: MasterKey,
): Promise<string> {
  // Whoever stored a successor may have died before it was durable.
  if (keys.successor !== undefined) flushFile(path);
  else await replaceKeyFile(path, keys, withSuccessor(keys, key), locks);
  return path;
}

async function storeOutside(
  storing: Storing,
  store: OutsideStore,
  key: MasterKey,
): Promise<string> {
  const { io, keys, locks } = storing;
  const pending = withSuccessor(keys, key);
  const keyFile = keyFileBeside(store);
  const path =
    keyFile === undefined
      ? (await writePendingKey(io, pending, { locks })).path
      : await storePending(storing, keyFile, key);
  await handOver(store, { to: pending, from: [keys], phase: "prepare" }, io);
  return path;
}
