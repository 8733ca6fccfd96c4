/** Every file that may need an old key: whatever its name, what killed runs left, what links lead to. */
import { dirname, resolve } from "node:path";
import {
  findBackups,
  findEveryFile,
  findLeftovers,
  findMisnamed,
  findRunDirectories,
} from "@proxmox-mcp/crypto/files";
import { findLinksOut } from "./links.ts";

/** What is below some directories. */
export interface Everything {
  readonly files: readonly string[];
  /** The backups among the files, each with the path of the file that it is of. */
  readonly backups: ReadonlyMap<string, string>;
  /** Links that lead to files elsewhere, or nowhere. */
  readonly links: ReadonlySet<string>;
  /** Links to directories elsewhere, which are not followed. */
  readonly unfollowed: readonly string[];
  /** What no path leads to, since its name is no UTF-8. */
  readonly misnamed: readonly string[];
}

/**
 * Finds everything below directories, no file twice.
 *
 * @throws ProxmoxMcpError as `findEveryFile`: what cannot be listed must not pass for empty.
 */
export async function findEverything(directories: readonly string[]): Promise<Everything> {
  const files = distinct(
    directories.flatMap((directory) => [...findEveryFile(directory), ...findLeftovers(directory)]),
  );
  const { toFiles, toDirectories } = await findLinksOut(directories, files);
  return {
    files: [...files, ...toFiles],
    backups: new Map(
      directories
        .flatMap((directory) => findBackups(directory))
        .map(({ path, target }) => [path, target]),
    ),
    links: new Set(toFiles),
    unfollowed: toDirectories,
    misnamed: distinct(directories.flatMap(findMisnamed)),
  };
}

/** The directories in which another run is at work, or left something when it was killed. */
export function directoriesOfRuns(directories: readonly string[]): readonly string[] {
  return distinct(directories.flatMap((directory) => findRunDirectories(directory)));
}

/** The directories in which runs that were killed left something. */
export function directoriesWithLeftovers(directories: readonly string[]): readonly string[] {
  return parentsOf(directories.flatMap((directory) => findLeftovers(directory)));
}

/** The directories that have backups. */
export function directoriesWithBackups(directories: readonly string[]): readonly string[] {
  return parentsOf(directories.flatMap((directory) => findBackups(directory).map(pathOf)));
}

function distinct(paths: readonly string[]): readonly string[] {
  return [...new Map(paths.map((path) => [resolve(path), path])).values()];
}

function parentsOf(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map((path) => dirname(path)))];
}

function pathOf({ path }: { readonly path: string }): string {
  return path;
}
