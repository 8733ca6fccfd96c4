/** Which backups a path means: those of a config, a backup itself, or all below a directory. */
import { basename, dirname, join } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import {
  type Backup,
  findBackups,
  findRunDirectories,
  isDirectory,
  mentionsToken,
  parseBackupName,
  pathExists,
  resolveTarget,
} from "@proxmox-mcp/crypto/files";
import type { Skipped } from "../skipped.ts";

/** A backup, and the file whose old text it holds. */
export interface FoundBackup {
  /** A path to it. */
  readonly path: string;
  /** A path to the file, which may be there no more. */
  readonly file: string;
  /** The real path of the file: links lead to what is replaced. */
  readonly target: string;
  /** `YYYYMMDD_HHMMSS`. */
  readonly stamp: string;
}

/** The backups that paths mean. */
export interface FoundBackups {
  /** Sorted by path, which for the backups of one file is by stamp. */
  readonly backups: readonly FoundBackup[];
  /** What has the name of a backup, and is none of ours. */
  readonly skipped: readonly Skipped[];
}

/** What a path is taken for. */
export type PathKind = "directory" | "backup" | "file";

/** What a path is taken for: by what is there, and by its name. */
export function kindOf(path: string): PathKind {
  if (isDirectory(path)) return "directory";
  return parseBackupName(basename(path)) === undefined ? "file" : "backup";
}

/**
 * Finds the backups that paths mean, each once. Below a directory, what holds no token is passed by:
 * other programs name their files in the same way.
 *
 * @param stamp leaves out all others, where it is given.
 * @throws ProxmoxMcpError FILE_NOT_FOUND for a path to nothing that has no backups either, and as
 * `findBackups`.
 */
export function findBackupsOf(paths: readonly string[], stamp?: string): FoundBackups {
  const found = new Map<string, FoundBackup>();
  const skipped: Skipped[] = [];
  for (const path of paths) {
    const isSearch = kindOf(path) === "directory";
    for (const backup of isSearch ? backupsBelow(path) : backupsAt(path)) {
      if (stamp !== undefined && backup.stamp !== stamp) continue;
      const real = resolveTarget(backup.path);
      if (found.has(real)) continue;
      if (isSearch && !mightHoldToken(backup.path)) {
        skipped.push({ path: backup.path, reason: "it holds no token" });
      } else {
        found.set(real, backup);
      }
    }
  }
  return { backups: [...found.values()].sort(byPath), skipped };
}

function backupsBelow(directory: string): readonly FoundBackup[] {
  return findBackups(directory).map(located);
}

/**
 * The backups of a file, sorted by stamp; or the one backup that a path leads to.
 *
 * @throws ProxmoxMcpError FILE_NOT_FOUND, FILE_NOT_REGULAR for a backup that is a link.
 */
export function backupsAt(path: string): readonly FoundBackup[] {
  return kindOf(path) === "backup" ? [backupAt(path)] : backupsOfFile(path);
}

/** Every backup in a directory, and in none below it. */
export function backupsIn(directory: string): readonly FoundBackup[] {
  return findBackups(directory, { recursive: false }).map(located);
}

/** Where an earlier run may have left something open that has to do with a path. */
export function runDirectoriesOf(path: string): readonly string[] {
  return kindOf(path) === "directory" ? findRunDirectories(path) : [dirname(targetOf(path))];
}

function backupAt(path: string): FoundBackup {
  const found = backupsIn(dirname(path)).find((backup) => basename(backup.path) === basename(path));
  if (found !== undefined) return { ...found, path };
  if (!pathExists(path)) {
    throw new ProxmoxMcpError("FILE_NOT_FOUND", `backup not found: ${path}`, {
      where: { file: path },
      hint: `see which there are: proxmox-mcp-encrypt backups list ${dirname(path)}`,
    });
  }
  throw new ProxmoxMcpError("FILE_NOT_REGULAR", `${path} is no regular file, so it is no backup`, {
    where: { file: path },
    hint: "name the backup itself, not a link to it",
  });
}

// Ours stand beside the file itself, those of the Python tool beside a link to it.
function backupsOfFile(path: string): readonly FoundBackup[] {
  const target = targetOf(path);
  const places = target === realPlaceOf(path) ? [path] : [path, target];
  const found = places.flatMap((place) =>
    backupsIn(dirname(place))
      .filter(({ path: backup }) => fileNameOf(backup) === basename(place))
      .map((backup) => ({ ...backup, file: path, target })),
  );
  if (found.length === 0 && !pathExists(path)) {
    throw new ProxmoxMcpError("FILE_NOT_FOUND", `neither ${path} nor a backup of it was found`, {
      where: { file: path },
    });
  }
  return found.sort(byStamp);
}

function fileNameOf(backup: string): string | undefined {
  return parseBackupName(basename(backup))?.file;
}

function located({ path, target, stamp }: Backup): FoundBackup {
  return { path, file: target, target: targetOf(target), stamp };
}

/** The real path of a file, or the one that it would have. */
function targetOf(path: string): string {
  return pathExists(path) ? resolveTarget(path) : realPlaceOf(path);
}

function realPlaceOf(path: string): string {
  return join(resolveTarget(dirname(path)), basename(path));
}

// What cannot be read must not pass for something that holds nothing.
function mightHoldToken(path: string): boolean {
  try {
    return mentionsToken(path);
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return true;
    throw error;
  }
}

function byPath(one: FoundBackup, other: FoundBackup): number {
  return compare(one.path, other.path);
}

function byStamp(one: FoundBackup, other: FoundBackup): number {
  return compare(one.stamp, other.stamp);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
