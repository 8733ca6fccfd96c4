/** Questions that need neither config nor key. */
import { STDOUT, writeStream } from "@proxmox-mcp/crypto/files";
import { HELP, type Options } from "./options.ts";
import { version } from "./version.ts";

/** Answers `--help` and `--version`. @returns whether that was all that was asked. */
export function answer({ action }: Options): boolean {
  if (action === "help") writeStream(STDOUT, HELP);
  else if (action === "version") writeStream(STDOUT, `${version}\n`);
  else return false;
  return true;
}
