/** Failures of runs that had closed another one first. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Recovery } from "@proxmox-mcp/crypto/files";
import { leftAlone } from "../render/recovery.ts";

/**
 * Does some work. Where it fails, its error also tells what was closed before: that nothing was changed
 * would be no more than half of the truth.
 *
 * @throws what the work throws.
 */
export async function afterRecovery<T>(
  recovered: readonly Recovery[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (recovered.length === 0 || !(error instanceof ProxmoxMcpError)) throw error;
    const { code, where, hint, problems } = error;
    const message = error.message
      .replaceAll("nothing was", "nothing else was")
      .replaceAll("no config was", "no other config was");
    throw new ProxmoxMcpError(code, `${message}; before that, ${listed(recovered)}`, {
      where,
      hint,
      problems,
      cause: error,
    });
  }
}

function listed(recovered: readonly Recovery[]): string {
  return recovered
    .flatMap(({ operation, outcome, left }) => [
      `an interrupted ${operation} was ${outcome}`,
      ...left.map(leftAlone),
    ])
    .join(", ");
}
