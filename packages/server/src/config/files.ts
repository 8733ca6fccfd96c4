/** The files that a config is made of, and whether they changed. */
import { dirname, resolve } from "node:path";
import { ProxmoxMcpError, rankKeySources } from "@proxmox-mcp/crypto";
import { hashFile } from "@proxmox-mcp/crypto/files";
import { textOf } from "../environment.ts";
import type { LoadOptions } from "./load.ts";

/** The path of the config; empty where none is named. */
export function configPath({ config, env }: LoadOptions): string {
  return config ?? textOf(env, "PROXMOX_MCP_CONFIG");
}

/** The config and the key files that it may need, whether they are there or not. */
export function filesOf(options: LoadOptions): readonly string[] {
  const { keyFile, keyEnv, env } = options;
  const ranks = rankKeySources({ keyFile, keyEnv, env, exists: () => true });
  const sources = ranks.find((rank) => rank.length > 0) ?? [];
  const keyFiles = sources.flatMap((source) => (source.kind === "file" ? [source.path] : []));
  return [configPath(options), ...keyFiles].filter((path) => path !== "");
}

/** A path that stands in a config: relative to the directory of the config. */
export function besideConfig(config: string, path: string): string {
  return resolve(dirname(config), path);
}

/** What files hold, as one text that is the same as long as they hold the same. */
export function digestOf(files: readonly string[]): string {
  return files.map(digestOfFile).join("\n");
}

function digestOfFile(file: string): string {
  try {
    return hashFile(file);
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return error.code;
    throw error;
  }
}
