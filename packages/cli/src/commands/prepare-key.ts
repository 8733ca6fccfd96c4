/** `prepare-key`: makes the next master key and stores it, changing no config. */
import { generateMasterKey } from "@proxmox-mcp/crypto";
import { type Recovery, withTransaction } from "@proxmox-mcp/crypto/files";
import type { KeyFlags } from "@proxmox-mcp/crypto/internal";
import type { PrepareKeyInvocation } from "../invocation.ts";
import type { Io } from "../io.ts";
import { findKeys } from "../keys.ts";
import { keyFlagsOf } from "../render/printed-command.ts";
import { afterRecovery } from "../rotation/after-recovery.ts";
import type { Destination } from "../rotation/destination.ts";
import { findDestination } from "../rotation/find-destination.ts";
import { holderOf, type KeyHolder } from "../rotation/key-holder.ts";
import { keyDirectories, storePreparedKey } from "../rotation/key-store.ts";
import { dropPendingOfSource, dropPromotedPending } from "../rotation/key-switch.ts";
import { findPreparedKey, keysIn } from "../rotation/new-key.ts";
import { tellingWhereStored } from "../rotation/where-stored.ts";

/** What `prepare-key` did. */
export interface PrepareKeyResult {
  readonly command: "prepare-key";
  /** Whether the key was made by this run, or waited already. */
  readonly newKeyOrigin: "fresh" | "waiting";
  readonly oldKeyId: string | undefined;
  readonly newKeyId: string | undefined;
  readonly keyFrom: string;
  /** The flags that said so. */
  readonly keyFlags: KeyFlags;
  readonly holder: KeyHolder;
  readonly destination: Destination;
  /** The file that holds both keys now. */
  readonly keyFile: string | undefined;
  /** What an earlier run had left open. */
  readonly recovered: readonly Recovery[];
  readonly warnings: readonly string[];
}

/** Runs `prepare-key`. @throws ProxmoxMcpError with nothing changed; the key may be stored even so. */
export async function prepareKey(
  io: Io,
  invocation: PrepareKeyInvocation,
): Promise<PrepareKeyResult> {
  const found = await findKeys(io, invocation);
  const destination = findDestination(io, invocation, found.source);
  const scope = { directories: keyDirectories(io, destination), operation: "prepare-key" };
  return withTransaction(scope, ({ locks, recovered }) =>
    afterRecovery(recovered, async () => {
      // Whoever held the lock before may have changed the key text.
      const keys = found.source.kind === "variable" ? found : await findKeys(io, invocation);
      dropPendingOfSource(io, keys);
      const waiting = findPreparedKey(io, destination, keys.keys);
      const key = waiting ?? generateMasterKey(io.random);
      const origin = waiting === undefined ? "fresh" : "waiting";
      const storing = { io, destination, keys: keys.keys, locks };
      const keyFile = await tellingWhereStored(storing, key, async () => {
        const stored = await storePreparedKey(storing, { key, origin });
        if (stored !== undefined) dropPromotedPending(io, keys.keys, keysIn(stored));
        return stored;
      });
      return {
        command: "prepare-key",
        newKeyOrigin: origin,
        oldKeyId: keys.active.id,
        newKeyId: key.id,
        keyFrom: keys.from,
        keyFlags: keyFlagsOf(invocation),
        holder: holderOf(keys.source),
        destination,
        keyFile,
        recovered,
        warnings: keys.warnings,
      };
    }),
  );
}
