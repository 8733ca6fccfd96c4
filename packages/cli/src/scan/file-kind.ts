/** Files that have no place in a repository, by their names alone. */
import { basename } from "node:path";
import { isOwnName, parseBackupName } from "@proxmox-mcp/crypto/files";

// The key file of the home, with what people append to it, and those of pending keys.
const KEY_FILE =
  /^\.?proxmox[_-]mcp[_-](?:master[_-])?key(?:[._-](?:\d+|key|txt|new|next|old|bak|prod\w*|staging|dev\w*))?$/i;
const PENDING_KEY = /^pending-[0-9a-f]{8}$/;

/** Whether a name is that of a key file, or of something that runs leave beside their files. */
export function kindOfFile(path: string): "key-file" | "leftover" | undefined {
  const name = basename(path);
  if (KEY_FILE.test(name) || PENDING_KEY.test(name)) return "key-file";
  if (isOwnName(name) || parseBackupName(name) !== undefined) return "leftover";
  return undefined;
}
