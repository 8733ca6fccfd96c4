/** The keys that lines of audit logs may be sealed with. */
import { everyKey, type MasterKey } from "@proxmox-mcp/crypto";
import { loadKeys, pathExists } from "@proxmox-mcp/crypto/files";
import type { Environment } from "../environment.ts";
import { type AuditKey, deriveAuditKey } from "./audit-key.ts";

/** Where keys are looked for. */
export interface VerifyKeysQuestion {
  /** Each holds keys of its own; with none it is the environment that is asked. */
  readonly keyFiles: readonly string[];
  readonly keyEnv: string | undefined;
  readonly env: Environment;
}

/** The audit keys of all master keys at hand, retired ones too, by their id. @throws ProxmoxMcpError KEY_* */
export async function verifyKeys({
  keyFiles,
  keyEnv,
  env,
}: VerifyKeysQuestion): Promise<ReadonlyMap<string, AuditKey>> {
  const fromFiles = keyFiles.map((keyFile) => loadKeys({ keyFile, env, exists: pathExists }));
  const fromElsewhere = loadElsewhere({ keyFiles, keyEnv, env });
  const loaded = await Promise.all([...fromFiles, ...fromElsewhere]);
  const keys = loaded.flatMap(({ keys }) => everyKey(keys));
  const found = keys.flatMap((key) => deriveAuditKey(key) ?? []);
  forget(keys);
  return new Map(found.map((key) => [key.id, key]));
}

function loadElsewhere({
  keyFiles,
  keyEnv,
  env,
}: VerifyKeysQuestion): ReturnType<typeof loadKeys>[] {
  if (keyEnv === undefined && keyFiles.length > 0) return [];
  return [loadKeys({ keyEnv, env, exists: pathExists })];
}

function forget(keys: readonly MasterKey[]): void {
  for (const key of keys) key.bytes.fill(0);
}
