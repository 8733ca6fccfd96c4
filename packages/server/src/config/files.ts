/** The files that a config is made of, and whether they changed. */
import { dirname, resolve } from "node:path";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { hashFile } from "@proxmox-mcp/crypto/files";
import { type KeySource, rankKeySources } from "@proxmox-mcp/crypto/internal";
import { configPath } from "./config-path.ts";
import type { LoadOptions } from "./load.ts";

/** The config and the key files that it may need, whether they are there or not. */
export function filesOf(options: LoadOptions): readonly string[] {
  const sources = ranksOf(options).find((rank) => rank.length > 0) ?? [];
  return [configPath(options), ...pathsOf(sources)].filter((path) => path !== "");
}

/** The config, and all files that a key would be looked for in, if only one before it were not there. */
export function everyFileOf(options: LoadOptions): readonly string[] {
  return [configPath(options), ...pathsOf(ranksOf(options).flat())].filter((path) => path !== "");
}

function ranksOf(options: LoadOptions): readonly (readonly KeySource[])[] {
  const { keyFile, keyEnv, keyring, env } = options;
  return rankKeySources({ keyFile, keyEnv, keyring, env, exists: () => true });
}

function pathsOf(sources: readonly KeySource[]): readonly string[] {
  return sources.flatMap((source) => (source.kind === "file" ? [source.path] : []));
}

/** A path that stands in a config: relative to the directory of the config. */
export function besideConfig(config: string, path: string): string {
  return resolve(dirname(config), path);
}

/** Files, and for each a text that is the same as long as the file holds the same. */
export type Contents = ReadonlyMap<string, string>;

/** What files hold, whether they are there or not. */
export function contentsOf(files: Iterable<string>): Contents {
  return new Map([...files].map((file) => [file, digestOfFile(file)]));
}

function digestOfFile(file: string): string {
  try {
    return hashFile(file);
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return error.code;
    throw error;
  }
}
