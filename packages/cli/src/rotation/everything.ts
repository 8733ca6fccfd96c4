/** Every file that may need an old key: whatever its name, what killed runs left, what links lead to. */
import { dirname, resolve } from "node:path";
import {
  findBackups,
  findEveryFile,
  findLeftovers,
  findLinks,
  findRunDirectories,
  isDirectory,
  pathExists,
  resolveTarget,
} from "@proxmox-mcp/crypto/files";

/** What is below some directories. */
export interface Everything {
  readonly files: readonly string[];
  /** The backups among the files. */
  readonly backups: ReadonlySet<string>;
  /** Links that lead to files elsewhere, or nowhere. */
  readonly links: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

/**
 * Finds everything below directories, in no file twice. Links to directories are not followed: of those
 * that lead out of the directories there is a warning.
 *
 * @throws ProxmoxMcpError as `findEveryFile`: what cannot be listed must not pass for empty.
 */
export function findEverything(directories: readonly string[]): Everything {
  const files = distinct(
    directories.flatMap((directory) => [...findEveryFile(directory), ...findLeftovers(directory)]),
  );
  const { links, warnings } = followed(directories, files);
  const backups = directories.flatMap((directory) => findBackups(directory));
  return {
    files: [...files, ...links],
    backups: new Set(backups.map(({ path }) => path)),
    links: new Set(links),
    warnings,
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

function followed(
  directories: readonly string[],
  files: readonly string[],
): Pick<Everything, "warnings"> & { readonly links: readonly string[] } {
  const found = distinct(directories.flatMap((directory) => findLinks(directory)));
  if (found.length === 0) return { links: [], warnings: [] };
  const known = new Set(files.filter(pathExists).map(resolveTarget));
  const roots = directories.map(resolveTarget);
  const isBelow = (path: string) =>
    roots.some((root) => path === root || path.startsWith(`${root}/`));
  const strangers = found.filter((link) => !pathExists(link) || !known.has(resolveTarget(link)));
  const outside = strangers.filter((link) => isDirectory(link) && !isBelow(resolveTarget(link)));
  return {
    links: strangers.filter((link) => !isDirectory(link)),
    warnings: outside.map(
      (link) => `${link} is a link to a directory: what it leads to was not looked into`,
    ),
  };
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
