/** The steps by which old keys go. Each can be repeated, and the next begins when it is durable. */
import {
  activeAlone,
  everyKey,
  formatKeyText,
  holdsKey,
  type MasterKey,
  ProxmoxMcpError,
  parseKeyText,
} from "@proxmox-mcp/crypto";
import {
  createFile,
  createKeyFile,
  type Locks,
  pathExists,
  readKeyFile,
  removePendingKey,
  replaceKeyFile,
  storeAtSink,
} from "@proxmox-mcp/crypto/files";
import type { Destination } from "./destination.ts";
import type { Storing } from "./key-store.ts";
import type { RetiringKeys } from "./retirement.ts";

/**
 * Refuses an archive that is there already, unless it is what an earlier run made of the same keys.
 *
 * @throws ProxmoxMcpError KEY_FILE_EXISTS, and as `readKeyFile`.
 */
export function refuseOtherArchive(path: string, old: readonly MasterKey[]): void {
  if (!pathExists(path)) return;
  const found = parseKeyText(readKeyFile(path).text);
  const isSame = everyKey(found).length === old.length && old.every((key) => holdsKey(found, key));
  if (isSame) return;
  throw new ProxmoxMcpError(
    "KEY_FILE_EXISTS",
    `key file ${path} exists already, and does not hold exactly the old keys; nothing was changed`,
    { where: { file: path }, hint: "name another file with --archive-key" },
  );
}

/**
 * Keeps the old keys in a file of their own, and reads it back.
 *
 * @throws ProxmoxMcpError as `createKeyFile` and `refuseOtherArchive`, with nothing changed.
 */
export async function archiveKeys(
  path: string,
  [first, ...rest]: readonly MasterKey[],
  locks: Locks,
): Promise<void> {
  if (first === undefined) return;
  refuseOtherArchive(path, [first, ...rest]);
  const text = formatKeyText({ active: first, successor: undefined, retired: rest });
  if (!pathExists(path)) {
    await createKeyFile(path, text, locks);
    return;
  }
  // Whoever made it may have died before it was durable, or have left it open to others.
  const again = { path, data: text, mode: 0o600, replaceExisting: true };
  await createFile({ ...again, operation: "retire-key", locks });
}

/**
 * Leaves the active key alone wherever the key text is kept: at the sink, in the key file, and then
 * without the pending file.
 *
 * @param destination where the key text is kept; it may be unknown where the text itself is done.
 * @throws ProxmoxMcpError SINK_FAILED, WRITE_FAILED and the like with every key where it was;
 * NOT_CLOSED where some step is done and others are missing.
 */
export async function leaveActiveAlone(
  {
    io,
    destination,
    keys,
    locks,
  }: Omit<Storing, "destination"> & {
    readonly destination: Destination | undefined;
  },
  { pending }: Pick<RetiringKeys, "pending">,
): Promise<void> {
  let isBegun = false;
  try {
    if (keys.retired.length > 0) {
      if (destination?.kind === "sink") {
        await storeAtSink(destination.sink, activeAlone(keys), "retire", io);
        isBegun = true;
      }
      const keyFile = keyFileOf(destination);
      if (keyFile !== undefined) {
        await replaceKeyFile(keyFile, keys, activeAlone(keys), locks);
        isBegun = true;
      }
    }
    if (pending !== undefined) removePendingKey(pending);
  } catch (error) {
    if (!isBegun || !(error instanceof ProxmoxMcpError)) throw error;
    throw new ProxmoxMcpError(
      "NOT_CLOSED",
      `the old keys are gone from one place, but: ${error.message}`,
      {
        where: error.where,
        hint: `${error.hint ?? "see what is wrong there"}; then run the command again`,
        cause: error,
      },
    );
  }
}

/** The key file that is to hold the active key alone, if there is one. */
export function keyFileOf(destination: Destination | undefined): string | undefined {
  if (destination?.kind === "sink") return destination.keyFile;
  return destination?.kind === "key-file" ? destination.path : undefined;
}
