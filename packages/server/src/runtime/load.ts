/** Loading what the server runs on: a usable config, or everything that is wrong with it. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ServerConfig } from "@proxmox-mcp/crypto/config";
import { everyKey } from "@proxmox-mcp/crypto/internal";
import { type AuditKey, deriveAuditKey } from "../audit/audit-key.ts";
import type { Certificate } from "../config/certificate.ts";
import { type Contents, contentsOf, filesOf } from "../config/files.ts";
import { type LoadedConfig, type LoadOptions, loadConfig } from "../config/load.ts";
import { forgetKeys } from "../config/server-keys.ts";
import type { Serving } from "../config/transport.ts";
import type { HealthWarning } from "../health/check.ts";
import { type Report, reportOf } from "../health/report.ts";

/** A config that can be served. */
export interface UsableConfig {
  readonly config: ServerConfig;
  /** The PEM certificates of `proxmox.ca_file`. */
  readonly ca: string | undefined;
  /** What `http.tls` names, where HTTP is served. */
  readonly certificate: Certificate | undefined;
  /** Where the master key came from, and its id. */
  readonly key: Report["key"];
  /** What the audit log is sealed with; `undefined` where there is no master key. */
  readonly auditKey: AuditKey | undefined;
  /** Every secret of the config, without its text: where it is, which key opened it, when it was sealed. */
  readonly secrets: Report["secrets"];
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

/** Which config is loaded, and what it must be good for. */
export interface UsableOptions extends LoadOptions, Serving {}

/** Loads the config, decides as the health check does, and forgets the keys. */
export async function loadUsable(options: UsableOptions): Promise<UsableConfig | UnusableConfig> {
  const before = contentsOf(filesOf(options));
  const loaded = await loadConfig(options);
  const { checks, exitStatus, key, secrets } = reportOf(loaded, options);
  const auditKey = auditKeyOf(loaded);
  forgetKeysOf(loaded);
  const { ca, certificate, caFile, tlsFiles, resolution } = loaded;
  const files = new Map([...before, ...(caFile ?? []), ...(tlsFiles ?? [])]);
  const config = resolution?.config;
  if (exitStatus !== 0 || config === undefined) {
    return { problems: checks.flatMap(({ problems }) => problems), exitStatus, files };
  }
  const warnings = checks.flatMap((check) => check.warnings);
  return { config, ca, certificate, key, auditKey, secrets, warnings, files };
}

function auditKeyOf({ keys }: LoadedConfig): AuditKey | undefined {
  return keys instanceof ProxmoxMcpError ? undefined : deriveAuditKey(keys.keys.active);
}

/** Once a config is opened, no key is needed before the next load, which reads them anew. */
function forgetKeysOf({ keys }: LoadedConfig): void {
  if (!(keys instanceof ProxmoxMcpError)) forgetKeys(everyKey(keys.keys));
}
