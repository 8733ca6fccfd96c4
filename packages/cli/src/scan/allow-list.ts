/**
 * `.proxmox-mcp-allow`: what `scan` lets pass in files that take no comments. A line is a glob of files
 * (`test/vectors/**`), or one and the name of a field in them, as a finding spells it, with `*` for a step
 * of a pointer (`fixtures/config.json /auth/token_value`).
 */

import { compileGlobs, type PathMatcher } from "@proxmox-mcp/crypto/files";
import { wildcard } from "@proxmox-mcp/crypto/internal";
import type { ScanFinding } from "./finding.ts";

/** Its name, in the directory that paths are relative to. */
export const ALLOW_LIST = ".proxmox-mcp-allow";

/** What is let pass. */
export interface AllowList {
  /** Whether a whole file is let pass, so that nobody has to read it. */
  allowsFile(path: string): boolean;
  allows(finding: Pick<ScanFinding, "file" | "name">): boolean;
}

/** Reads a list. @throws ProxmoxMcpError USAGE for what is no glob. */
export async function parseAllowList(text: string): Promise<AllowList> {
  const files: string[] = [];
  const fields: { readonly isFile: PathMatcher; readonly isField: (name: string) => boolean }[] =
    [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const entry = line.trim();
    if (entry === "" || entry.startsWith("#")) continue;
    const [, glob = "", field = ""] = /^(\S+)(?:\s+(.*))?$/.exec(entry) ?? [];
    if (field === "") files.push(glob);
    else fields.push({ isFile: await compileGlobs([glob]), isField: wildcard(field) });
  }
  const isFile = await compileGlobs(files);
  return {
    allowsFile: isFile,
    allows: ({ file, name = "" }) =>
      fields.some((entry) => entry.isFile(file) && entry.isField(name)),
  };
}
