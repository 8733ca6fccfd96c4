/** Where the new master key goes in this process: its flags, its files and its terminal. */
import { dirname } from "node:path";
import { isWritableKeyFile, pathExists, resolveTarget } from "@proxmox-mcp/crypto/files";
import type { KeySource } from "@proxmox-mcp/crypto/internal";
import { homeKeyFile, type Io } from "../io.ts";
import { chooseDestination, type Destination, type DestinationFlags } from "./destination.ts";

/**
 * As `chooseDestination`, with the surroundings of this process.
 *
 * @param isTerminal whether somebody could take care of a file that was not asked for.
 */
export function findDestination(
  io: Io,
  flags: DestinationFlags,
  source: KeySource,
  isTerminal: boolean = io.stdin.isTerminal && io.stderr.isTerminal,
): Destination {
  return chooseDestination(flags, {
    source,
    isWritable: (path) => !isCredential(io, path) && isWritableKeyFile(path),
    isTerminal,
    homeFile: homeKeyFile(io),
  });
}

// What systemd lends to a service goes with it, and so would a key that was written there; root may
// write even so.
function isCredential({ env }: Io, path: string): boolean {
  const directory = env["CREDENTIALS_DIRECTORY"];
  if (directory === undefined || !pathExists(directory) || !pathExists(path)) return false;
  return dirname(resolveTarget(path)) === resolveTarget(directory);
}
