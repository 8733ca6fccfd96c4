/** What a rotation of directories passes by, though it may hold a token. */
import { basename, resolve } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import {
  exceedsConfig,
  type FindOptions,
  findPassedBy,
  isConfigName,
  isDirectory,
  mentionsToken,
  type PassedBy,
  pathExists,
  resolveTarget,
} from "@proxmox-mcp/crypto/files";
import type { RotateKeyAllInvocation } from "../invocation.ts";
import type { Skipped } from "../skipped.ts";
import { findLinksOut } from "./links.ts";

const WHY: Readonly<Record<PassedBy["why"], string>> = {
  example: "it is named as an example, and may hold a token: rotate-key takes it by name",
  excluded: "it is excluded, and may hold a token",
};

/** The configs that are wanted. */
export function findOptionsOf({
  include,
  exclude,
  recursive,
}: RotateKeyAllInvocation): FindOptions {
  return { recursive, exclude, ...(include.length > 0 ? { include } : {}) };
}

/**
 * Finds the examples and the excluded files. They keep their old key: whoever retires it next would
 * hear of them only then.
 *
 * @param found what is taken.
 * @throws ProxmoxMcpError as `findPassedBy`.
 */
export async function passedByName(
  invocation: RotateKeyAllInvocation,
  found: readonly string[],
): Promise<readonly Skipped[]> {
  const passedBy = new Map<string, Skipped>();
  for (const directory of invocation.directories) {
    for (const { path, why } of await findPassedBy(directory, findOptionsOf(invocation))) {
      const isKept = why === "excluded" ? mightHoldTokenUnread(path) : mightHoldToken(path);
      if (isKept) passedBy.set(resolve(path), { path, reason: WHY[why] });
    }
  }
  // Another of the directories may have brought them in.
  if (passedBy.size > 0) for (const path of found) passedBy.delete(resolve(path));
  return [...passedBy.values()];
}

/**
 * Finds the links that lead out of the directories, and those that are excluded.
 *
 * @param found what is taken.
 * @throws ProxmoxMcpError as `findPassedBy`.
 */
export async function passedByLinks(
  invocation: RotateKeyAllInvocation,
  found: readonly string[],
): Promise<readonly Skipped[]> {
  const { directories, exclude, recursive } = invocation;
  const links = await findLinksOut(directories, found, { recursive, exclude });
  const passedBy = new Map<string, Skipped>();
  const add = (paths: readonly string[], reason: string) => {
    for (const path of paths) passedBy.set(resolve(path), { path, reason });
  };
  add(await findExcludedLinks(invocation, found), WHY.excluded);
  // Excluded below one of the directories is not excluded below another one.
  add(
    links.toFiles.filter(
      (path) => isConfigName(basename(path)) && pathExists(path) && mightHoldToken(path),
    ),
    "it is a link, which is not followed",
  );
  if (recursive) add(links.toDirectories, "it is a link to a directory, which is not followed");
  return [...passedBy.values()];
}

async function findExcludedLinks(
  invocation: RotateKeyAllInvocation,
  found: readonly string[],
): Promise<readonly string[]> {
  if (invocation.exclude.length === 0) return [];
  const options = { ...findOptionsOf(invocation), links: true };
  const links: string[] = [];
  for (const directory of invocation.directories) {
    for (const { path, why } of await findPassedBy(directory, options)) {
      const isToFile = pathExists(path) && !isDirectory(path);
      if (why === "excluded" && isToFile && mightHoldTokenUnread(path)) links.push(path);
    }
  }
  if (links.length === 0) return [];
  const known = new Set(found.map(resolveTarget));
  return links.filter((path) => !known.has(resolveTarget(path)));
}

/** Whether a file holds a token. One that cannot be read must not pass for one that holds nothing. */
export function mightHoldToken(path: string): boolean {
  try {
    return mentionsToken(path);
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return true;
    throw error;
  }
}

// Huge files are excluded to save the time of reading them.
function mightHoldTokenUnread(path: string): boolean {
  return exceedsConfig(path) || mightHoldToken(path);
}
