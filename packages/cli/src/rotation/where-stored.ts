/** Failures of runs that had stored a new key by then. */
import { holdsKey, type MasterKey, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { pathExists } from "@proxmox-mcp/crypto/files";
import { type Storing, waitingPlace } from "./key-store.ts";
import { keysIn } from "./new-key.ts";

/**
 * Does some work with a new key. Where it fails, its error also tells where the key is by then: whoever
 * reads that nothing was changed would not look for it.
 *
 * @throws what the work throws.
 */
export async function tellingWhereStored<T>(
  { io, destination }: Pick<Storing, "io" | "destination">,
  key: MasterKey,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const path = waitingPlace(io, destination, key);
    if (!(error instanceof ProxmoxMcpError) || path === undefined || !isStored(path, key)) {
      throw error;
    }
    const { where, hint, problems } = error;
    // It was written, and could not be read once more: that is no fault of the key.
    const code = error.code === "KEY_UNREADABLE" ? "NOT_CLOSED" : error.code;
    const message = error.message.replaceAll("nothing was changed", "no config was changed");
    const verb = code === "NOT_CLOSED" ? "is" : "waits";
    throw new ProxmoxMcpError(code, `${message}; the new key ${key.id} ${verb} in ${path}`, {
      where,
      hint,
      problems,
      cause: error,
    });
  }
}

function isStored(path: string, key: MasterKey): boolean {
  try {
    return pathExists(path) && holdsKey(keysIn(path), key);
  } catch {
    // The error that is on its way tells more than that the file cannot be read.
    return false;
  }
}
