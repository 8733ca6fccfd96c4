/** Whether the patterns of `policy.exec.allow` can be read. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Locate, ServerConfig } from "@proxmox-mcp/crypto/config";
import { parseCommandPattern } from "../guests/command-pattern.ts";

/** What is wrong with each pattern of a config that cannot be read. */
export function unreadablePatterns(
  { policy: { exec } }: Pick<ServerConfig, "policy">,
  locate: Locate,
): readonly ProxmoxMcpError[] {
  // With a shell a pattern is the whole text of a command, and is not taken apart.
  if (exec === undefined || exec.shell) return [];
  return exec.allow.flatMap((pattern, index) => {
    const problem = problemOf(pattern);
    if (problem === undefined) return [];
    const { code, message, hint } = problem;
    const where = locate(`/policy/exec/allow/${index}`);
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
