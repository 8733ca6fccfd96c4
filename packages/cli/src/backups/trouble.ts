/** Whether files may need their backups still: no backup is deleted then. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { type Io, refuseInterrupted } from "../io.ts";
import type { Keys } from "../keys.ts";
import { lookAtPresent } from "./present.ts";

/**
 * Looks for files that are gone, or do not open.
 *
 * @returns what is wrong, as a clause, by the paths of those with which something is.
 * @throws ProxmoxMcpError INTERRUPTED.
 */
export async function findTroubles(
  io: Io,
  paths: Iterable<string>,
  keys: Keys,
): Promise<ReadonlyMap<string, string>> {
  const troubles = new Map<string, string>();
  for (const path of new Set(paths)) {
    refuseInterrupted(io);
    const trouble = await troubleWith(io, path, keys);
    if (trouble !== undefined) troubles.set(path, trouble);
  }
  return troubles;
}

async function troubleWith(io: Io, target: string, keys: Keys): Promise<string | undefined> {
  try {
    const present = await lookAtPresent(io, target, keys);
    if (present === undefined) return "its file is gone";
    const { problem } = present;
    return problem && `its file does not open (${problem.code})`;
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError) || error.code === "INTERRUPTED") throw error;
    return `its file cannot be read (${error.code})`;
  }
}
