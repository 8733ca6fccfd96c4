/** Which key a rotation switches to: one that waits somewhere already, or a fresh one. */
import {
  generateMasterKey,
  type KeyText,
  type MasterKey,
  ProxmoxMcpError,
  parseKeyText,
} from "@proxmox-mcp/crypto";
import {
  findPendingKeys,
  pathExists,
  readKeyFile,
  type StatePlace,
} from "@proxmox-mcp/crypto/files";
import { holdsKey } from "@proxmox-mcp/crypto/internal";
import type { Destination } from "./destination.ts";
import type { Survey } from "./survey.ts";

/** The key to switch to. */
export interface NewKey {
  readonly key: MasterKey;
  readonly origin: KeyOrigin;
}

/** `active` where the files only have to catch up with a key that is in use already. */
export type KeyOrigin = "waiting" | "active" | "fresh";

/**
 * Looks for a key that is to be the next one: the first of `--new-key-file`, the successor in the key
 * text, or one that an earlier run stored before it ended.
 *
 * @throws ProxmoxMcpError KEY_FILE_EXISTS for a `--new-key-out` file that is no result of a rotation
 * of this key, and whatever reading a key gives.
 */
export function findWaitingKey(
  place: StatePlace,
  destination: Destination,
  keys: KeyText,
): MasterKey | undefined {
  switch (destination.kind) {
    case "given":
      return usable(keysIn(destination.path).active, destination.path);
    case "out":
      return waitingInOutput(place, destination.path, keys, switchedKey);
    // A run that had a sink may have been the earlier one, wherever this one stores its key.
    case "key-file":
    case "sink":
    case "keyring":
      return successorOrPending(place, keys);
  }
}

/** As `findWaitingKey`, for `prepare-key`, which leaves a `--new-key-out` file in another form. */
export function findPreparedKey(
  place: StatePlace,
  destination: Destination,
  keys: KeyText,
): MasterKey | undefined {
  return destination.kind === "out"
    ? waitingInOutput(place, destination.path, keys, preparedKey)
    : findWaitingKey(place, destination, keys);
}

/**
 * Decides which key the files get.
 *
 * @returns `undefined` where there is nothing to rotate: no token, and no key that waits.
 */
export function chooseNewKey(
  waiting: MasterKey | undefined,
  { active }: KeyText,
  { files }: Pick<Survey, "files">,
  random: (size: number) => Uint8Array,
): NewKey | undefined {
  if (waiting !== undefined) {
    return { key: waiting, origin: waiting.equals(active) ? "active" : "waiting" };
  }
  const fields = files.flatMap((file) => file.fields);
  if (fields.length === 0) return undefined;
  // An earlier run made this key active and did not get to the files.
  const isBehind = fields.every(({ keyId }) => keyId !== active.id);
  if (isBehind && active.weakness === undefined) return { key: active, origin: "active" };
  return { key: generateMasterKey(random), origin: "fresh" };
}

/** What an earlier rotation of a key made of its `--new-key-out` file: its first key. */
export function switchedKey(found: KeyText, { active }: KeyText): MasterKey | undefined {
  const follows = holdsKey(found, active) && !found.active.equals(active);
  return follows ? found.active : undefined;
}

/** What an earlier `prepare-key` made of it: its successor. */
export function preparedKey(found: KeyText, { active }: KeyText): MasterKey | undefined {
  return found.active.equals(active) ? found.successor : undefined;
}

// An earlier run may have made the file and not got to the configs.
function waitingInOutput(
  place: StatePlace,
  path: string,
  keys: KeyText,
  keyOf: (found: KeyText, keys: KeyText) => MasterKey | undefined,
): MasterKey | undefined {
  if (!pathExists(path)) return successorOrPending(place, keys);
  const found = keysIn(path);
  const key = keyOf(found, keys);
  const isOurs = key !== undefined && (keys.successor?.equals(key) ?? true);
  if (!isOurs) throw takenError(path, found, keys);
  return usable(key, path);
}

function successorOrPending(place: StatePlace, { active, successor }: KeyText) {
  return successor ?? findPendingKeys(place, active)?.keys.successor;
}

/** The error for a `--new-key-out` file that is there and holds something else. */
export function takenError(path: string, found: KeyText, { active }: KeyText): ProxmoxMcpError {
  const isPresent = found.active.equals(active);
  const what = isPresent
    ? `holds the present key already${found.successor === undefined ? "" : ", and a prepared one"}`
    : "was not made for this key";
  return new ProxmoxMcpError(
    "KEY_FILE_EXISTS",
    `key file ${path} exists and ${what}; nothing was changed`,
    {
      where: { file: path },
      hint: isPresent
        ? `rotate the key where it is, with --key-file ${path}, or name another file with --new-key-out`
        : "name another file with --new-key-out",
    },
  );
}

/** The keys in a key file. @throws ProxmoxMcpError as `readKeyFile` and `parseKeyText`. */
export function keysIn(path: string): KeyText {
  const { text } = readKeyFile(path);
  try {
    return parseKeyText(text);
  } catch (error) {
    throw error instanceof ProxmoxMcpError ? error.at({ file: path }) : error;
  }
}

function usable(key: MasterKey, path: string): MasterKey {
  if (key.weakness === undefined) return key;
  throw new ProxmoxMcpError("KEY_INVALID", `the master key in ${path} ${key.weakness}`, {
    where: { file: path },
    hint: "make another one with `proxmox-mcp-encrypt generate-key -o NEW_KEY_FILE`, and name that file",
  });
}
