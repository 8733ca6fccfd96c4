/** Which files a rotation is about. */
import { dirname } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import {
  findConfigFiles,
  findLeftovers,
  isDirectory,
  pathExists,
  resolveTarget,
} from "@proxmox-mcp/crypto/files";
import { collectOften } from "../collect-often.ts";
import type { RotateKeyAllInvocation, RotateKeyInvocation } from "../invocation.ts";
import type { Skipped } from "../skipped.ts";
import { findOptionsOf, mightHoldToken, passedByLinks, passedByName } from "./passed-by.ts";

/** One file, by the name that people know and by its own. */
export interface Target {
  readonly path: string;
  /** The real path. */
  readonly target: string;
}

/** The files of a run. */
export interface Targets {
  readonly targets: readonly Target[];
  /**
   * Files below a directory that hold no token, and so are none of a rotation's business; and what may
   * hold some and is passed by: examples, excluded files, links.
   */
  readonly skipped: readonly Skipped[];
}

/**
 * @throws ProxmoxMcpError USAGE for stdin, FILE_NOT_REGULAR for a directory in the place of a file and
 * the other way round; as `resolveTarget` and `findConfigFiles`.
 */
export async function findTargets(
  invocation: RotateKeyInvocation | RotateKeyAllInvocation,
): Promise<Targets> {
  // Before the walk: the names of ten thousand files let the young generation grow, which never shrinks.
  await collectOften();
  return invocation.command === "rotate-key"
    ? namedFiles(invocation.files)
    : filesBelow(invocation);
}

/** The directories that files are in. */
export function directoriesOf(targets: readonly Target[]): readonly string[] {
  return [...new Set(targets.map(({ target }) => dirname(target)))];
}

/**
 * The directories in which a run was interrupted, or is under way: those of the files, and all below the
 * directories that were named, where files may be missing until it is closed.
 */
export function openDirectoriesOf(
  invocation: RotateKeyInvocation | RotateKeyAllInvocation,
  targets: readonly Target[],
): readonly string[] {
  const below = "directories" in invocation ? invocation.directories : [];
  const recursive = "directories" in invocation && invocation.recursive;
  const leftovers = [
    ...directoriesOf(targets).flatMap((path) => findLeftovers(path, { recursive: false })),
    ...below.flatMap((path) => findLeftovers(path, { recursive })),
  ];
  return [...new Set(leftovers.map((path) => resolveTarget(dirname(path))))];
}

async function namedFiles(paths: readonly string[]): Promise<Targets> {
  if (paths.includes("-")) {
    throw new ProxmoxMcpError("USAGE", "a rotation replaces files: stdin is none", {
      hint: "write `rotate-key FILE`",
    });
  }
  const directory = paths.find(isDirectory);
  if (directory !== undefined) {
    throw new ProxmoxMcpError("FILE_NOT_REGULAR", `${directory} is a directory`, {
      where: { file: directory },
      hint: `rotate every config below it with \`rotate-key-all ${directory}\``,
    });
  }
  return { targets: distinct(paths), skipped: [] };
}

async function filesBelow(invocation: RotateKeyAllInvocation): Promise<Targets> {
  const { directories } = invocation;
  const file = directories.find((path) => pathExists(path) && !isDirectory(path));
  if (file !== undefined) {
    throw new ProxmoxMcpError("FILE_NOT_REGULAR", `${file} is not a directory`, {
      where: { file },
      hint: `rotate a single config with \`rotate-key ${file}\``,
    });
  }
  const lists: (readonly string[])[] = [];
  for (const directory of directories) {
    lists.push(await findConfigFiles(directory, findOptionsOf(invocation)));
  }
  const found = lists.flat();
  const targets: Target[] = [];
  const skipped: Skipped[] = [];
  for (const target of distinct(found)) {
    if (mightHoldToken(target.path)) targets.push(target);
    else skipped.push({ path: target.path, reason: "it holds no token" });
  }
  const passedBy = await passedByName(invocation, found);
  const links = await passedByLinks(invocation, found);
  return { targets, skipped: [...skipped, ...passedBy, ...links] };
}

function distinct(paths: readonly string[]): readonly Target[] {
  const targets = new Map<string, Target>();
  for (const path of paths) {
    const target = resolveTarget(path);
    if (!targets.has(target)) targets.set(target, { path, target });
  }
  return [...targets.values()];
}
