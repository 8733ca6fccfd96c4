/** Which of the keys at hand a server may use. */

import { type KeyText, type MasterKey, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { LoadedKeys } from "@proxmox-mcp/crypto/files";
import { whereOf } from "@proxmox-mcp/crypto/internal";

/**
 * Keys of another length than 32 bytes open old tokens in commands, so that people can move away
 * from them; a server does not take them. A retired one may stay in the key text and is passed over.
 *
 * @throws ProxmoxMcpError KEY_INVALID where the active key is such a key.
 */
export function takeServerKeys(loaded: LoadedKeys): LoadedKeys {
  const { keys: held, source } = loaded;
  const { active, successor, retired } = held;
  if (!isWhole(active)) {
    throw new ProxmoxMcpError(
      "KEY_INVALID",
      `${source.from}: the master key ${active.weakness}; a server does not take it`,
      {
        where: whereOf(source),
        hint:
          "put the whole key back if it was cut off; if not, make a key with " +
          "`proxmox-mcp-encrypt generate-key -o NEW_KEY_FILE`, decrypt the config with the old key and encrypt it with the new one",
      },
    );
  }
  const keys: KeyText = {
    active,
    successor: successor !== undefined && isWhole(successor) ? successor : undefined,
    retired: retired.filter(isWhole),
  };
  return { ...loaded, keys };
}

/** Overwrites keys that are needed no more. */
export function forgetKeys(keys: readonly MasterKey[]): void {
  for (const { bytes } of keys) bytes.fill(0);
}

function isWhole({ id }: MasterKey): boolean {
  return id !== undefined;
}
