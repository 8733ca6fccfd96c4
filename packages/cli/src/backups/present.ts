/** The text that a file has before a backup takes its place. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { hashFile, pathExists } from "@proxmox-mcp/crypto/files";
import { readDocument } from "../input.ts";
import type { Io } from "../io.ts";
import type { Keys } from "../keys.ts";
import { openEvery } from "./inspect.ts";

/** A file as it is. */
export interface Present {
  /** SHA-256 in hex. */
  readonly hash: string;
  /** How many secrets stand in it in plain text; 0 for a text that cannot be parsed. */
  readonly plainSecrets: number;
  /** Why it cannot be read as a config, or the first token that does not open. */
  readonly problem: ProxmoxMcpError | undefined;
  /** Whether it can be parsed. */
  readonly isConfig: boolean;
  /** Whether there is something in it that could be kept. */
  readonly isEmpty: boolean;
}

/**
 * Looks at a file that has backups.
 *
 * @returns `undefined` where it is gone.
 * @throws ProxmoxMcpError FILE_NOT_REGULAR, FILE_UNREADABLE, INTERRUPTED.
 */
export async function lookAtPresent(
  io: Io,
  path: string,
  keys: Keys,
): Promise<Present | undefined> {
  if (!pathExists(path)) return undefined;
  const hash = hashFile(path);
  try {
    const { document } = await readDocument(io, path);
    const { plainSecrets, problems } = await openEvery(document, keys);
    return { hash, plainSecrets, problem: problems[0], isConfig: true, isEmpty: false };
  } catch (error) {
    if (!(error instanceof ProxmoxMcpError) || error.code === "INTERRUPTED") throw error;
    const isEmpty = error.code === "FILE_EMPTY";
    return { hash, plainSecrets: 0, problem: error, isConfig: false, isEmpty };
  }
}
