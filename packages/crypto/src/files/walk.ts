/** Finding files below a directory: configs, backups, or every single one. */
import { isUtf8 } from "node:buffer";
import { type Dirent, readdirSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
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
 * `config.example`; or what is included instead. Passes by `node_modules`, `.git`, files with the name
 * of a backup and our own files, whatever is included; follows no links.
 *
 * @returns the paths, each beginning with `directory` as it was given, sorted by code unit.
 * @throws ProxmoxMcpError USAGE for a bad glob; FILE_NOT_FOUND, FILE_NOT_REGULAR, FILE_UNREADABLE for
 * a directory that cannot be listed, at any depth, and for a name that no path can spell: a file that
 * was not seen must not pass for one that is not there.
 */
export async function findConfigFiles(
  directory: string,
  options: FindOptions = {},
): Promise<readonly string[]> {
  const { recursive = true } = options;
  const { isConfig, isExample, isExcluded } = await choiceOf(options);
  return find(directory, {
    recursive,
    passesBy: (name, path) => isForeignStore(name) || isExample(name) || isExcluded(path),
    takes: isConfig,
  });
}

/** What is looked for among all that is passed by. */
export interface PassedByOptions extends FindOptions {
  /** Whether symbolic links are looked for, in the place of regular files. Default: false. */
  readonly links?: boolean | undefined;
}

/** A file that `findConfigFiles` would have found, but for one thing. */
export interface PassedBy {
  readonly path: string;
  /** `example` where its name, or that of a directory it is in, starts with `config.example`. */
  readonly why: "example" | "excluded";
}

/**
 * Finds the configs that `findConfigFiles` passes by as examples, and those that it was told to exclude;
 * or the links with such names, wherever they lead.
 * Does not look into excluded directories: they may be large, or closed. Leaves out what is no UTF-8.
 *
 * @returns them sorted by path.
 * @throws ProxmoxMcpError as `findConfigFiles`.
 */
export async function findPassedBy(
  directory: string,
  options: PassedByOptions = {},
): Promise<readonly PassedBy[]> {
  const { recursive = true, links = false } = options;
  const { isConfig, isExample, isExcluded } = await choiceOf(options);
  const isInExample = (path: string) => path.split("/").some(isExample);
  const paths = find(directory, {
    recursive,
    passesBy: (name, path, isDirectory) =>
      isForeignStore(name) || (isDirectory && isExcluded(path)),
    takes: (name, path) => isConfig(name, path) && (isExcluded(path) || isInExample(path)),
    links,
    misnamed: "left out",
  });
  return paths.map((path) => {
    const below = relative(directory, path).replaceAll(sep, "/");
    return { path, why: isInExample(below) ? "example" : "excluded" };
  });
}

/** What is a config and what is not, as somebody chose, by its name and its path below the directory. */
interface Choice {
  isConfig(name: string, path: string): boolean;
  isExample(name: string): boolean;
  isExcluded(path: string): boolean;
}

async function choiceOf({ include, exclude = [] }: FindOptions): Promise<Choice> {
  const isExcluded = await compileGlobs(exclude);
  const isIncluded = include === undefined ? undefined : await compileGlobs(include);
  return {
    isConfig: (name, path) =>
      !isOwnName(name) &&
      // No other name will do: what is passed by keeps its old key, and nobody hears of it.
      parseBackupName(name) === undefined &&
      (isIncluded?.(path) ?? isConfigName(name)),
    isExample: (name) => isIncluded === undefined && name.startsWith("config.example"),
    isExcluded,
  };
}

/**
 * Finds every regular file whatever its name, backups among them, but those of `findMisnamed`. Passes
 * by our own files; looks into `node_modules` and `.git`, where nothing is our own. Follows no links.
 *
 * @returns the paths as `findConfigFiles`.
 * @throws ProxmoxMcpError as `findConfigFiles`.
 */
export function findEveryFile(directory: string): readonly string[] {
  return find(directory, {
    recursive: true,
    passesBy: () => false,
    takes: (name, path) => !isOwnName(name) || isInForeignStore(path),
    misnamed: "left out",
  });
}

/**
 * Finds the files and links whose names are no UTF-8, so that no path leads to them. Looks for files in
 * `node_modules` and `.git` as well, but not for links.
 *
 * @returns the paths as `findConfigFiles`, with U+FFFD for what cannot be spelled: they are for people.
 * @throws ProxmoxMcpError as `findConfigFiles`.
 */
export function findMisnamed(directory: string): readonly string[] {
  const search = { recursive: true, takes: () => true, misnamed: "alone" } as const;
  return [
    ...find(directory, { ...search, passesBy: () => false }),
    ...find(directory, { ...search, passesBy: isForeignStore, links: true }),
  ];
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
 * Finds the symbolic links that the other searches do not follow, wherever they lead, but those of
 * `findMisnamed`. Passes by `node_modules` and `.git`.
 *
 * @returns the paths as `findConfigFiles`.
 * @throws ProxmoxMcpError as `findConfigFiles`.
 */
export async function findLinks(
  directory: string,
  { recursive = true, exclude = [] }: Pick<FindOptions, "recursive" | "exclude"> = {},
): Promise<readonly string[]> {
  const isExcluded = await compileGlobs(exclude);
  return find(directory, {
    recursive,
    passesBy: (name, path) => isForeignStore(name) || isExcluded(path),
    takes: () => true,
    links: true,
    misnamed: "left out",
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
  const takes = (name: string) => parseBackupName(name) !== undefined;
  return find(directory, { recursive, passesBy: isForeignStore, takes }).flatMap((path) => {
    const backup = parseBackupName(basename(path));
    if (backup === undefined) return [];
    return [{ path, target: join(dirname(path), backup.file), stamp: backup.stamp }];
  });
}

/** What a search does with an entry, by its name and its path below the directory, with `/`. */
interface Search {
  readonly recursive: boolean;
  /** Leaves out a file, or a directory with all that is in it. */
  passesBy(name: string, path: string, isDirectory: boolean): boolean;
  takes(name: string, path: string): boolean;
  /** Whether symbolic links are looked for, in the place of regular files. Default: false. */
  readonly links?: boolean;
  /** What becomes of names that are no UTF-8. Default: they are refused. */
  readonly misnamed?: "refused" | "left out" | "alone";
}

function find(directory: string, search: Search): readonly string[] {
  return [...filesBelow(directory, "", search)].sort();
}

function* filesBelow(directory: string, parent: string, search: Search): Generator<string> {
  for (const entry of list(directory)) {
    const name = entry.name.toString("utf8");
    const below = parent + name;
    if (search.passesBy(name, below, entry.isDirectory())) continue;
    const path = join(directory, name);
    const isMisnamed = !isUtf8(entry.name);
    if (entry.isDirectory()) {
      if (!search.recursive) continue;
      if (isMisnamed) throw misnamedError(path);
      yield* filesBelow(path, `${below}/`, search);
    } else if (isWanted(entry, search) && search.takes(name, below)) {
      const { misnamed = "refused" } = search;
      if (isMisnamed && misnamed === "refused") throw misnamedError(path);
      if (isMisnamed === (misnamed === "alone")) yield path;
    }
  }
}

function isWanted(entry: Dirent<Buffer>, { links = false }: Search): boolean {
  return links ? entry.isSymbolicLink() : entry.isFile();
}

/** The error for a name that is no UTF-8. What stands in its place may be the name of another file. */
export function misnamedError(path: string): ProxmoxMcpError {
  return new ProxmoxMcpError("FILE_UNREADABLE", `cannot open ${path}: its name is not UTF-8`, {
    where: { file: path },
    hint: "rename it, or move it out of the directory",
  });
}

/** Whether a name is one that a search for configs takes; what it passes by is not asked here. */
export function isConfigName(name: string): boolean {
  return name.startsWith(".env") || /\.(json|ya?ml|env)$/.test(name);
}

/** Whether a name is one that searches for our own files pass by, with all that is below it. */
export function isForeignStore(name: string): boolean {
  return name === "node_modules" || name === ".git";
}

/** Whether a path below a directory leads through one of them. */
export function isInForeignStore(path: string): boolean {
  return path.split("/").slice(0, -1).some(isForeignStore);
}

function list(directory: string): Dirent<Buffer>[] {
  try {
    return readdirSync(directory, { withFileTypes: true, encoding: "buffer" });
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
