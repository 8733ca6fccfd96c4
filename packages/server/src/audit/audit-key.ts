/** The key that lines of the audit log are chained under. */
import { createHmac, createSecretKey } from "node:crypto";
import type { MasterKey } from "@proxmox-mcp/crypto";

const LABEL = "proxmox-mcp audit key v1";

/** A key that signs, and that nothing else can be had of. */
export interface AuditKey {
  /** That of the master key. */
  readonly id: string;
  /** HMAC-SHA256 of the parts, one after the other: 64 hex digits. */
  mac(...parts: readonly Uint8Array[]): string;
}

/**
 * Derives the audit key: HMAC-SHA256 of "proxmox-mcp audit key v1" under the master key's bytes. What
 * opens secrets cannot be computed from it.
 *
 * @returns `undefined` for a key without an id.
 */
export function deriveAuditKey({ id, bytes }: MasterKey): AuditKey | undefined {
  if (id === undefined) return undefined;
  const derived = createHmac("sha256", bytes).update(LABEL).digest();
  const secret = createSecretKey(derived);
  derived.fill(0);
  return {
    id,
    mac(...parts) {
      const hmac = createHmac("sha256", secret);
      for (const part of parts) hmac.update(part);
      return hmac.digest("hex");
    },
  };
}
