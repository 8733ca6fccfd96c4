/** The symbolic links that a search does not follow, and what is missed with them. */
import { relative, resolve, sep } from "node:path";
import {
  findLinks,
  isDirectory,
  isForeignStore,
  pathExists,
  resolveTarget,
} from "@proxmox-mcp/crypto/files";

/** Links below some directories, to what is not found there without them. */
export interface Links {
  /** Those to files, and to nothing. */
  readonly toFiles: readonly string[];
  /** Those to directories. */
  readonly toDirectories: readonly string[];
}

/**
 * Finds the links that lead out of the searched directories, no link twice.
 *
 * @param files what was found without them.
 * @throws ProxmoxMcpError as `findLinks`.
 */
export async function findLinksOut(
  directories: readonly string[],
  files: readonly string[],
  options: Parameters<typeof findLinks>[1] = {},
): Promise<Links> {
  const found = new Map<string, string>();
  for (const directory of directories) {
    for (const link of await findLinks(directory, options)) found.set(resolve(link), link);
  }
  if (found.size === 0) return { toFiles: [], toDirectories: [] };
  const links = [...found.values()];
  const known = new Set(files.filter(pathExists).map(resolveTarget));
  const roots = directories.map(resolveTarget);
  const isSearched = (path: string) => roots.some((root) => isFoundBelow(root, path));
  return {
    toFiles: links.filter(
      (link) => !(isDirectory(link) || (pathExists(link) && known.has(resolveTarget(link)))),
    ),
    toDirectories: links.filter((link) => isDirectory(link) && !isSearched(resolveTarget(link))),
  };
}

function isFoundBelow(root: string, path: string): boolean {
  const parts = relative(root, path).split(sep);
  return parts[0] !== ".." && !parts.some(isForeignStore);
}
