/** Whether the patterns of `policy.exec.allow` can be read. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { placeOf } from "../config/files.ts";
import type { LoadedConfig } from "../config/load.ts";
import { parseCommandPattern } from "../guests/command-pattern.ts";

/** What is wrong with each pattern of a config that cannot be read. */
export function unreadablePatterns({
  path,
  document,
  resolution,
}: LoadedConfig): readonly ProxmoxMcpError[] {
  const policy = resolution?.config?.policy?.exec;
  // With a shell a pattern is the whole text of a command, and is not taken apart.
  if (policy === undefined || policy.shell) return [];
  if (document === undefined || document instanceof ProxmoxMcpError) return [];
  return policy.allow.flatMap((pattern, index) => {
    const problem = problemOf(pattern);
    if (problem === undefined) return [];
    const { code, message, hint } = problem;
    const where = placeOf(document, path, `/policy/exec/allow/${index}`);
    return [new ProxmoxMcpError(code, message, { where, hint, cause: problem })];
  });
}

function problemOf(pattern: string): ProxmoxMcpError | undefined {
  try {
    parseCommandPattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof ProxmoxMcpError) return error;
    throw error;
  }
}
