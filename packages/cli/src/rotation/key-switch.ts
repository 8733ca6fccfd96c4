/** Making a new key the active one where it is stored. */
import { type KeyText, ProxmoxMcpError, switchedTo, withSuccessor } from "@proxmox-mcp/crypto";
import {
  type FileChange,
  findPromotedPending,
  planKeyFile,
  removePendingKey,
  replaceKeyFile,
} from "@proxmox-mcp/crypto/files";
import { everyKey, holdsKey } from "@proxmox-mcp/crypto/internal";
import type { Io } from "../io.ts";
import type { Keys } from "../keys.ts";
import { isWrittenByRuns } from "./key-holder.ts";
import type { Storing } from "./key-store.ts";
import type { NewKey } from "./new-key.ts";
import { handOver, isOutside, keyFileBeside } from "./outside-store.ts";

/** The change of the present key's own file that makes the new key the active one, if it is to change. */
export function keyFileChange(
  { destination, keys }: Pick<Storing, "destination" | "keys">,
  { key, origin }: NewKey,
): FileChange | undefined {
  if (destination.kind !== "key-file" || origin === "active") return undefined;
  return planKeyFile(destination.path, withSuccessor(keys, key), switchedTo(keys, key));
}

/**
 * Makes the new key the active one where that is no part of the transaction: at a sink, and then in
 * the key file that kept it until then, or in a keyring. No signal ends it: the configs are on the new key by now.
 *
 * @throws ProxmoxMcpError NOT_CLOSED: the configs are done, and what is missing is this step.
 */
export async function promoteNewKey(
  { io, destination, keys, locks }: Storing,
  { key, origin }: NewKey,
): Promise<void> {
  if (!isOutside(destination) || origin === "active") return;
  const prepared = withSuccessor(keys, key);
  const promoted = switchedTo(keys, key);
  const keyFile = keyFileBeside(destination);
  try {
    const keyText = { to: promoted, from: [prepared, keys], phase: "promote" } as const;
    await handOver(destination, keyText, { env: io.env });
    if (keyFile !== undefined) await replaceKeyFile(keyFile, prepared, promoted, locks);
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError)) throw error;
    const message = error.message.replaceAll("nothing was changed", "it was not changed");
    throw new ProxmoxMcpError("NOT_CLOSED", `the files are done, but: ${message}`, {
      where: error.where,
      hint: `${error.hint ?? "see what is wrong there, then run the command again"}, with --resume: it makes no other key`,
      cause: error,
    });
  }
}

/**
 * Deletes the pending file of a key that is the active one by now.
 *
 * @param held what a file holds that stays: with a single key of the pending file missing there, that
 * one is kept. A variable is no such place, and what a command prints may come from one.
 */
export function dropPromotedPending(io: Io, source: KeyText, held: KeyText): void {
  const pending = findPromotedPending(io, source);
  if (pending === undefined) return;
  if (everyKey(pending.keys).every((key) => holdsKey(held, key))) removePendingKey(pending);
}

/** As `dropPromotedPending`, where the source is a key file itself, or a keyring entry. */
export function dropPendingOfSource(io: Io, { source, keys }: Pick<Keys, "source" | "keys">): void {
  if (isWrittenByRuns(source)) dropPromotedPending(io, keys, keys);
}
