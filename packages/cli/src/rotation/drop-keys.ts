/** The steps by which old keys go. Each can be repeated, and the next begins when it is durable. */
import {
  activeAlone,
  formatKeyText,
  type MasterKey,
  ProxmoxMcpError,
  parseKeyText,
} from "@proxmox-mcp/crypto";
import {
  createFile,
  createKeyFile,
  deleteBackups,
  type Locks,
  pathExists,
  readKeyFile,
  removePendingKey,
  replaceKeyFile,
} from "@proxmox-mcp/crypto/files";
import { everyKey, holdsKey } from "@proxmox-mcp/crypto/internal";
import type { Destination } from "./destination.ts";
import type { Storing } from "./key-store.ts";
import { handOver, isOutside, keyFileBeside } from "./outside-store.ts";
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

/** What becomes of the backups that open only with an old key, if there are any. */
export interface Outdated {
  /** A key file to be made for them. */
  readonly archive: string | undefined;
  /** Those to be deleted. */
  readonly backups: readonly string[];
}

/** Where the key text is kept, which may be unknown where the text itself needs no change. */
export interface Dropping extends Omit<Storing, "destination"> {
  readonly destination: Destination | undefined;
}

/**
 * Leaves the active key alone: first the backups are taken care of, then the old keys go from the
 * sink or the keyring, from the key file and with the pending file.
 *
 * @throws ProxmoxMcpError KEY_FILE_EXISTS, SINK_FAILED, WRITE_FAILED and the like with every key and
 * backup where it was; NOT_CLOSED where some step is done and others are missing.
 */
export async function dropOldKeys(
  dropping: Dropping,
  retiring: RetiringKeys,
  { archive, backups }: Outdated,
): Promise<void> {
  if (archive !== undefined) await archiveKeys(archive, retiring.old, dropping.locks);
  try {
    if (backups.length > 0) deleteBackups(backups);
    await leaveActiveAlone(dropping, retiring);
  } catch (error) {
    const gone = backups.filter((path) => !pathExists(path)).length;
    throw error instanceof ProxmoxMcpError ? afterSteps(error, archive, gone) : error;
  }
}

// The errors of single steps promise that nothing was changed, and know nothing of the steps before.
function afterSteps(
  error: ProxmoxMcpError,
  archive: string | undefined,
  deleted: number,
): ProxmoxMcpError {
  const steps = [
    ...(archive === undefined ? [] : [`the old keys are in ${archive} as well`]),
    ...(deleted === 0 ? [] : [`old backups were deleted before (${deleted})`]),
  ];
  if (steps.length === 0) return error;
  const { code, where, hint } = error;
  const said = error.message.replaceAll("nothing was", "nothing else was");
  const isSaid = code === "NOT_CLOSED" || said.includes("nothing else was");
  const message = isSaid ? said : `${said}; nothing else was changed`;
  const isChanged = deleted > 0 && code !== "INTERRUPTED";
  return new ProxmoxMcpError(isChanged ? "NOT_CLOSED" : code, [message, ...steps].join("; "), {
    where,
    hint: isChanged ? again(hint) : hint,
    cause: error,
  });
}

async function archiveKeys(
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

async function leaveActiveAlone(
  { io, destination, keys, locks }: Dropping,
  { pending }: RetiringKeys,
): Promise<void> {
  let isBegun = false;
  try {
    if (keys.retired.length > 0) {
      if (isOutside(destination)) {
        await handOver(destination, { to: activeAlone(keys), from: [keys], phase: "retire" }, io);
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
    const message = error.message.replaceAll("nothing was", "nothing else was");
    throw new ProxmoxMcpError(
      "NOT_CLOSED",
      `the old keys are gone from one place, but: ${message}`,
      {
        where: error.where,
        hint: again(error.hint),
        cause: error,
      },
    );
  }
}

function again(hint: string | undefined): string {
  const way = hint ?? "see what is wrong there";
  return way.includes("run the command again") ? way : `${way}; then run the command again`;
}

/** The key file that is to hold the active key alone, if there is one. */
export function keyFileOf(destination: Destination | undefined): string | undefined {
  if (isOutside(destination)) return keyFileBeside(destination);
  return destination?.kind === "key-file" ? destination.path : undefined;
}
