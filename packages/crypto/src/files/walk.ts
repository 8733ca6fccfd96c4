/** Finding files below a directory: configs, backups, or every single one. */
import { type Dirent, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { parseBackupName } from "./backup-name.ts";
import { compileGlobs } from "./glob.ts";
import { isOwnName, LOCK_NAME } from "./names.ts";
import { systemCode, systemReason } from "./system-error.ts";

/** Which config files are wanted. */
export interface FindOptions {
  /** Whether to look into directories below. Default: true. */
  readonly recursive?: boolean | undefined;
  /**
   * Globs of files to take, in the place of the usual names: against the path below the directory, or
   * the last part of it for a glob without a `/`.
   */
  readonly include?: readonly string[] | undefined;
  /** Globs of files and of whole directories to pass by. */
  readonly exclude?: readonly string[] | undefined;
}

/**
 * Finds `*.json`, `*.yaml`, `*.yml`, `*.env` and `.env*`, but no name that starts with
 * `config.example`; or what is included instead. Passes by `node_modules`, `.git`, backups and our own
 * files, whatever is included; follows no links.
 *
 * @returns the paths, each beginning with `directory` as it was given, sorted by code unit.
 * @throws ProxmoxMcpError USAGE for a bad glob; FILE_NOT_FOUND, FILE_NOT_REGULAR, FILE_UNREADABLE for
 * a directory that cannot be listed, at any depth: a file that was not seen must not pass for one that
 * is not there.
 */
export async function findConfigFiles(
  directory: string,
  options: FindOptions = {},
): Promise<readonly string[]> {
  const { recursive = true, include, exclude = [] } = options;
  const isExcluded = await compileGlobs(exclude);
  const isIncluded = include === undefined ? undefined : await compileGlobs(include);
  return find(directory, {
    recursive,
    passesBy: (name, path) =>
      isNobodysConfig(name) ||
      name.includes(".backup.") ||
      (isIncluded === undefined && name.startsWith("config.example")) ||
      isExcluded(path),
    takes: (name, path) => isIncluded?.(path) ?? isConfigName(name),
  });
}

/**
 * Finds every regular file whatever its name, backups among them. Passes by `node_modules`, `.git` and
 * our own files; follows no links.
 *
 * @returns the paths as `findConfigFiles`.
 * @throws ProxmoxMcpError as `findConfigFiles`.
 */
export function findEveryFile(directory: string): readonly string[] {
  return find(directory, { recursive: true, passesBy: isNobodysConfig, takes: () => true });
}

/**
 * Finds what runs left behind when they were killed: records, new texts and old ones. Passes by
 * `node_modules` and `.git`; follows no links.
 *
 * @returns the paths as `findConfigFiles`.
 * @throws ProxmoxMcpError as `findConfigFiles`.
 */
export function findLeftovers(
  directory: string,
  { recursive = true }: Pick<FindOptions, "recursive"> = {},
): readonly string[] {
  const takes = (name: string) => isOwnName(name) && name !== LOCK_NAME;
  return find(directory, { recursive, passesBy: isForeignStore, takes });
}

/**
 * Finds the directories in which runs are at work, or were killed: those with a lock or a leftover.
 *
 * @returns the paths as `findConfigFiles`, each once.
 * @throws ProxmoxMcpError as `findConfigFiles`.
 */
export function findRunDirectories(directory: string): readonly string[] {
  const search = { recursive: true, passesBy: isForeignStore, takes: isOwnName };
  return [...new Set(find(directory, search).map((path) => dirname(path)))];
}

/**
 * Finds the symbolic links that the other searches do not follow, wherever they lead.
 *
 * @returns the paths as `findConfigFiles`.
 * @throws ProxmoxMcpError as `findConfigFiles`.
 */
export function findLinks(directory: string): readonly string[] {
  return find(directory, {
    recursive: true,
    passesBy: isNobodysConfig,
    takes: () => true,
    links: true,
  });
}

/** A backup beside the file whose old text it holds. */
export interface Backup {
  readonly path: string;
  /** The file; it may be there no more. */
  readonly target: string;
  /** When it was made, as `YYYYMMDD_HHMMSS`. */
  readonly stamp: string;
}

/**
 * Finds the backups below a directory, of whatever files.
 *
 * @returns them sorted by path, which for the backups of one file is by stamp.
 * @throws ProxmoxMcpError as `findConfigFiles`.
 */
export function findBackups(
  directory: string,
  { recursive = true }: Pick<FindOptions, "recursive"> = {},
): readonly Backup[] {
  const files = find(directory, { recursive, passesBy: isNobodysConfig, takes: () => true });
  return files.flatMap((path) => {
    const backup = parseBackupName(basename(path));
    if (backup === undefined) return [];
    return [{ path, target: join(dirname(path), backup.file), stamp: backup.stamp }];
  });
}

/** What a search does with an entry, by its name and its path below the directory, with `/`. */
interface Search {
  readonly recursive: boolean;
  /** Leaves out a file, or a directory with all that is in it. */
  passesBy(name: string, path: string): boolean;
  takes(name: string, path: string): boolean;
  /** Whether symbolic links are looked for, in the place of regular files. Default: false. */
  readonly links?: boolean;
}

function find(directory: string, search: Search): readonly string[] {
  return [...filesBelow(directory, "", search)].sort();
}

function* filesBelow(directory: string, parent: string, search: Search): Generator<string> {
  for (const entry of list(directory)) {
    const { name } = entry;
    const below = parent + name;
    if (search.passesBy(name, below)) continue;
    const path = join(directory, name);
    if (entry.isDirectory()) {
      if (search.recursive) yield* filesBelow(path, `${below}/`, search);
    } else if (isWanted(entry, search) && search.takes(name, below)) {
      yield path;
    }
  }
}

function isWanted(entry: Dirent, { links = false }: Search): boolean {
  return links ? entry.isSymbolicLink() : entry.isFile();
}

/** Whether a name is one that a search for configs takes; what it passes by is not asked here. */
export function isConfigName(name: string): boolean {
  return name.startsWith(".env") || /\.(json|ya?ml|env)$/.test(name);
}

function isNobodysConfig(name: string): boolean {
  return isForeignStore(name) || isOwnName(name);
}

function isForeignStore(name: string): boolean {
  return name === "node_modules" || name === ".git";
}

function list(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    const detail = { where: { file: directory }, cause: error };
    switch (systemCode(error)) {
      case "ENOENT":
        throw new ProxmoxMcpError("FILE_NOT_FOUND", `directory not found: ${directory}`, detail);
      case "ENOTDIR":
        throw new ProxmoxMcpError("FILE_NOT_REGULAR", `${directory} is not a directory`, detail);
      default:
        throw new ProxmoxMcpError(
          "FILE_UNREADABLE",
          `cannot list ${directory}: ${systemReason(error)}`,
          detail,
        );
    }
  }
}
