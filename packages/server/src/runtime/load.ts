/** Loading what the server runs on: a usable config, or everything that is wrong with it. */
import { everyKey, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { type Contents, contentsOf, filesOf } from "../config/files.ts";
import { type LoadedConfig, type LoadOptions, loadConfig } from "../config/load.ts";
import type { HealthWarning } from "../health/check.ts";
import { type Report, reportOf } from "../health/report.ts";

/** A config that can be served. */
export interface UsableConfig {
  readonly config: ServerConfig;
  /** The PEM certificates of `proxmox.ca_file`. */
  readonly ca: string | undefined;
  /** Where the master key came from, and its id. */
  readonly key: Report["key"];
  readonly warnings: readonly HealthWarning[];
  /** The files whose change can change what is loaded, as they were before they were read. */
  readonly files: Contents;
}

/** A config that cannot be served. */
export interface UnusableConfig extends Pick<UsableConfig, "files"> {
  /** In the order of the health check; at least one. */
  readonly problems: readonly ProxmoxMcpError[];
  /** What the health check would end with. */
  readonly exitStatus: number;
}

/** Loads the config, decides as the health check does, and forgets the keys. */
export async function loadUsable(options: LoadOptions): Promise<UsableConfig | UnusableConfig> {
  const before = contentsOf(filesOf(options));
  const loaded = await loadConfig(options);
  const { checks, exitStatus, key } = reportOf(loaded);
  forgetKeys(loaded);
  const { ca, caFile, resolution } = loaded;
  const files = new Map([...before, ...(caFile ?? [])]);
  const config = resolution?.config;
  if (exitStatus !== 0 || config === undefined) {
    return { problems: checks.flatMap(({ problems }) => problems), exitStatus, files };
  }
  return { config, ca, key, warnings: checks.flatMap((check) => check.warnings), files };
}

/** Once a config is opened, no key is needed before the next load, which reads them anew. */
function forgetKeys({ keys }: LoadedConfig): void {
  if (keys instanceof ProxmoxMcpError) return;
  for (const key of everyKey(keys.keys)) key.bytes.fill(0);
}
