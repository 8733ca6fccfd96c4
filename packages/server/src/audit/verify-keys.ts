/** The keys that lines of audit logs may be sealed with. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { type LoadedKeys, loadKeys, pathExists } from "@proxmox-mcp/crypto/files";
import { everyKey } from "@proxmox-mcp/crypto/internal";
import { forgetKeys } from "../config/server-keys.ts";
import type { Environment } from "../environment.ts";
import { type AuditKey, deriveAuditKey } from "./audit-key.ts";

/** Where keys are looked for. */
export interface VerifyKeysQuestion {
  /** Each holds keys of its own; with none it is the environment that is asked. */
  readonly keyFiles: readonly string[];
  readonly keyEnv: string | undefined;
  readonly keyring?: string | undefined;
  readonly env: Environment;
}

/** The audit keys of all master keys at hand, retired ones too, by their id. @throws ProxmoxMcpError KEY_* */
export async function verifyKeys({
  keyFiles,
  keyEnv,
  keyring,
  env,
}: VerifyKeysQuestion): Promise<ReadonlyMap<string, AuditKey>> {
  const fromFiles = keyFiles.map((keyFile) => loadKeys({ keyFile, env, exists: pathExists }));
  const fromElsewhere = loadElsewhere({ keyFiles, keyEnv, keyring, env });
  const loaded = await Promise.all([...fromFiles, ...fromElsewhere]).catch(missingHere);
  const keys = loaded.flatMap(({ keys }) => everyKey(keys));
  const found = keys.flatMap((key) => deriveAuditKey(key) ?? []);
  forgetKeys(keys);
  return new Map(found.map((key) => [key.id, key]));
}

// The log has its key already: to make one, as is said elsewhere, leads nowhere.
function missingHere(error: unknown): never {
  if (!(error instanceof ProxmoxMcpError) || !isMissing(error)) throw error;
  throw new ProxmoxMcpError(error.code, error.message, {
    where: error.where,
    hint:
      "give the key that the log was sealed with: --key-file FILE, --key-env NAME, or " +
      "PROXMOX_MCP_MASTER_KEY_FILE or PROXMOX_MCP_MASTER_KEY in the environment",
    cause: error,
  });
}

function isMissing({ code, cause }: ProxmoxMcpError): boolean {
  return (
    code === "KEY_MISSING" || (cause instanceof ProxmoxMcpError && cause.code === "FILE_NOT_FOUND")
  );
}

function loadElsewhere(question: VerifyKeysQuestion): Promise<LoadedKeys>[] {
  const { keyFiles, keyEnv, keyring, env } = question;
  if (keyEnv === undefined && keyring === undefined && keyFiles.length > 0) return [];
  return [loadKeys({ keyEnv, keyring, env, exists: pathExists })];
}
