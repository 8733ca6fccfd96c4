/** The file that stdout was sent to: a line of a log in it would break the protocol. */
import { fstatSync, type Stats } from "node:fs";
import { STDOUT } from "@proxmox-mcp/crypto/files";

/** Whether a file is that one. */
export function isStdoutFile(file: Pick<Stats, "dev" | "ino">): boolean {
  const stdout = fstatSync(STDOUT);
  return file.dev === stdout.dev && file.ino === stdout.ino;
}
