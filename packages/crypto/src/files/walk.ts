/** Finding the config files below a directory. */
import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { ProxmoxMcpError } from "../errors.ts";
import { isOwnName } from "./names.ts";
import { systemCode, systemReason } from "./system-error.ts";

/**
 * Finds `*.json`, `*.yaml`, `*.yml`, `*.env` and `.env*`, at any depth. Passes by names that start
 * with `config.example`, `node_modules`, `.git`, backups and our own files; follows no links.
 *
 * @returns the paths, each beginning with `directory` as it was given, sorted by code unit.
 * @throws ProxmoxMcpError FILE_NOT_FOUND, FILE_NOT_REGULAR, FILE_UNREADABLE for a directory that
 * cannot be listed, at any depth: a file that was not seen must not pass for one that is not there.
 */
export function findConfigFiles(directory: string): string[] {
  return [...configFiles(directory)].sort();
}

function* configFiles(directory: string): Generator<string> {
  for (const entry of list(directory)) {
    if (isPassedBy(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* configFiles(path);
    else if (entry.isFile() && isConfigName(entry.name)) yield path;
  }
}

function isConfigName(name: string): boolean {
  return name.startsWith(".env") || /\.(json|ya?ml|env)$/.test(name);
}

function isPassedBy(name: string): boolean {
  return (
    name === "node_modules" ||
    name === ".git" ||
    name.startsWith("config.example") ||
    name.includes(".backup.") ||
    isOwnName(name)
  );
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
