/** Failures of runs that had stored a new key by then. */
import { type MasterKey, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { pathExists } from "@proxmox-mcp/crypto/files";
import { everyKey, holdsKey } from "@proxmox-mcp/crypto/internal";
import { type Storing, waitingPlace } from "./key-store.ts";
import { keysIn } from "./new-key.ts";

/**
 * Does some work with a new key. Where it fails, its error also tells where the key is by then: whoever
 * reads that nothing was changed would not look for it.
 *
 * @throws what the work throws.
 */
export async function tellingWhereStored<T>(
  { io, destination, keys }: Pick<Storing, "io" | "destination" | "keys">,
  key: MasterKey,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const path = waitingPlace(io, destination, key);
    if (!(error instanceof ProxmoxMcpError) || path === undefined || !holds(path, [key])) {
      throw error;
    }
    const { where, hint, problems } = error;
    // It was written, and could not be read once more: that is no fault of the key.
    const code = error.code === "KEY_UNREADABLE" ? "NOT_CLOSED" : error.code;
    const message = aboutConfigs(error);
    const verb = code === "NOT_CLOSED" ? "is" : "waits";
    const isBoth = error.code === "NOT_CLOSED" && holds(path, [key, ...everyKey(keys)]);
    const both = isBoth ? ", which opens old texts and new ones alike" : "";
    throw new ProxmoxMcpError(code, `${message}; the new key ${key.id} ${verb} in ${path}${both}`, {
      where,
      hint,
      problems,
      cause: error,
    });
  }
}

// Only an error that says itself what is on the disk may leave configs changed.
function aboutConfigs({ code, message }: ProxmoxMcpError): string {
  const said = message.replaceAll("nothing was changed", "no config was changed");
  const isSaid = code === "NOT_CLOSED" || /\b(nothing|no config) was /.test(said);
  return isSaid ? said : `${said}; no config was changed`;
}

function holds(path: string, keys: readonly MasterKey[]): boolean {
  try {
    if (!pathExists(path)) return false;
    const found = keysIn(path);
    return keys.every((key) => holdsKey(found, key));
  } catch {
    // The error that is on its way tells more than that the file cannot be read.
    return false;
  }
}
