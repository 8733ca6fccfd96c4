/** Which keys could be retired, and what stands in the way of that. */
import { type KeyText, type MasterKey, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import {
  findPendingKeys,
  findPromotedPending,
  misnamedError,
  type PendingKey,
  pathExists,
  resolveTarget,
} from "@proxmox-mcp/crypto/files";
import { everyKey, holdsKey } from "@proxmox-mcp/crypto/internal";
import { findTroubles } from "../backups/trouble.ts";
import type { Io } from "../io.ts";
import type { Keys } from "../keys.ts";
import { type KeyPlace, toolCommand } from "../render/printed-command.ts";
import type { Everything } from "./everything.ts";
import type { FileNeeds, Needs } from "./needs.ts";

/** The keys of a retirement. */
export interface RetiringKeys {
  readonly active: MasterKey;
  /** Those that are to go: the retired ones of the key text, and what its pending file still holds. */
  readonly old: readonly MasterKey[];
  /** The pending file of the active key, which goes with them. */
  readonly pending: PendingKey | undefined;
  /** A key that waits to become the active one. */
  readonly waiting: MasterKey | undefined;
}

/** One reason why no key is retired. */
export interface Obstacle {
  readonly kind: "successor" | "unused" | "file" | "backup" | "link" | "unreadable";
  readonly error: ProxmoxMcpError;
}

/** @throws ProxmoxMcpError as `findPendingKeys`. */
export function findRetiringKeys(io: Io, keys: KeyText): RetiringKeys {
  const { active, successor, retired } = keys;
  const pending = findPromotedPending(io, keys);
  const forgotten = pending === undefined ? [] : everyKey(pending.keys);
  return {
    active,
    old: [...retired, ...forgotten.filter((key) => !holdsKey(keys, key))],
    pending,
    waiting: successor ?? findPendingKeys(io, active)?.keys.successor,
  };
}

/** The obstacle that a waiting key is: it would be lost, or the files be sealed with what nobody has. */
export function successorObstacle(
  waiting: MasterKey,
  directories: readonly string[],
  place: KeyPlace,
): Obstacle {
  return {
    kind: "successor",
    error: new ProxmoxMcpError(
      "RETIRE_REFUSED",
      `${keyNames([waiting])} waits to become the active one`,
      { hint: `finish the rotation first: ${toolCommand("rotate-key-all", directories, place)}` },
    ),
  };
}

/** The obstacle that nothing there uses the key which is to stay: it must be the wrong directory. */
export function unusedObstacle(active: MasterKey, directories: readonly string[]): Obstacle {
  return {
    kind: "unused",
    error: new ProxmoxMcpError(
      "RETIRE_REFUSED",
      `no token below ${directories.join(", ")} was sealed with ${keyNames([active])}, the active one`,
      { hint: "name the directories with the configs that use it" },
    ),
  };
}

/**
 * The obstacles among files, in their order.
 *
 * @param backupsMayGo whether backups that need an old key are taken care of.
 * @param place where a rotation finds the active key.
 */
export function obstaclesAmong(
  { files, failed }: Needs,
  { backups, links, unfollowed, misnamed }: Everything,
  backupsMayGo: boolean,
  place: KeyPlace,
): readonly Obstacle[] {
  const needy = needyFiles(files).map((file): Obstacle & { readonly path: string } => {
    const kind = backups.has(file.path) ? "backup" : "file";
    return { kind, path: file.path, error: needError(file, HINTS[kind](place)) };
  });
  const unreadable = failed
    .filter(({ path, problems }) => !(links.has(path) && problems.every(leadsToNoFile(path))))
    .flatMap(({ path, problems }) =>
      problems.map((error) => ({ kind: "unreadable" as const, path, error })),
    );
  const strange = misnamed.map((path) => ({
    kind: "unreadable" as const,
    path,
    error: misnamedError(path),
  }));
  const elsewhere = unfollowed.map((path) => ({
    kind: "link" as const,
    path,
    error: linkError(path),
  }));
  return [...needy, ...unreadable, ...strange, ...elsewhere]
    .filter(({ kind }) => kind !== "backup" || !backupsMayGo)
    .sort((one, other) => (one.path < other.path ? -1 : 1))
    .map(({ kind, error }) => ({ kind, error }));
}

/** The backups that open only with an old key. */
export function oldBackups({ files }: Needs, { backups }: Everything): readonly string[] {
  return needyFiles(files).flatMap(({ path }) => (backups.has(path) ? [path] : []));
}

/**
 * The obstacles to deleting backups: files that are gone or do not open may need them still.
 *
 * @throws ProxmoxMcpError INTERRUPTED.
 */
export async function neededBackups(
  io: Io,
  paths: readonly string[],
  { backups }: Everything,
  keys: Keys,
): Promise<readonly Obstacle[]> {
  const found = paths.map((path) => ({ path, file: backups.get(path) ?? path }));
  const troubles = await findTroubles(
    io,
    found.map(({ file }) => file),
    keys,
  );
  return found.flatMap(({ path, file }) => {
    const trouble = troubles.get(file);
    return trouble === undefined ? [] : [{ kind: "backup", error: neededError(path, trouble) }];
  });
}

/** Keys in a sentence, by their ids. */
export function keyNames(keys: readonly MasterKey[]): string {
  const names = keys.map(({ id }) => id ?? "of unusual length").join(", ");
  return `${keys.length === 1 ? "key" : "keys"} ${names}`;
}

function needyFiles(files: readonly FileNeeds[]): readonly FileNeeds[] {
  return files.filter(({ oldKeys }) => oldKeys.length > 0);
}

function needError({ path, oldKeys, lines }: FileNeeds, hint: string): ProxmoxMcpError {
  const [line = 1, ...more] = lines;
  const others = more.length === 0 ? "" : `, and ${more.length} more lines do`;
  return new ProxmoxMcpError(
    "RETIRE_REFUSED",
    `a token opens only with ${keyNames(oldKeys)}${others}`,
    { where: { file: path, line }, hint },
  );
}

function neededError(path: string, trouble: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "RETIRE_REFUSED",
    `this backup may be needed, and is not deleted: ${trouble}`,
    {
      where: { file: path },
      hint: "put the file in order, keep the old key with --archive-key FILE instead of --delete-backups, or delete by hand the backups that nobody needs",
    },
  );
}

function linkError(path: string): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "RETIRE_REFUSED",
    `this link leads to the directory ${resolveTarget(path)}, which was not looked into`,
    { where: { file: path }, hint: "name the directories that links lead to as well" },
  );
}

const HINTS = {
  file: (place: KeyPlace) =>
    `give a config the active key (${toolCommand("rotate-key", ["FILE"], place)}), and move elsewhere what is none`,
  backup: () =>
    "for backups add --delete-backups, or --archive-key FILE to keep the old key for them",
} as const;

// A link to a device or to nothing holds no token; a file that went away meanwhile may be elsewhere now.
// What is there and not found has a name that is no UTF-8.
function leadsToNoFile(link: string): (problem: ProxmoxMcpError) => boolean {
  return ({ code }) =>
    code === "FILE_NOT_REGULAR" || (code === "FILE_NOT_FOUND" && !pathExists(link));
}
