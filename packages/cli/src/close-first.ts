/** Commands that write one file close an interrupted run before they read what they work on. */
import { dirname } from "node:path";
import { pathExists, type Recovery, recoverFirst, resolveTarget } from "@proxmox-mcp/crypto/files";
import { afterRecovery } from "./rotation/after-recovery.ts";

/**
 * Closes what stands open beside these files, then does the work, whose warnings tell of it.
 *
 * @param paths files that the work reads or writes; those that are not there yet count by their
 * directory, and `-` not at all.
 * @throws ProxmoxMcpError LOCKED, NOT_CLOSED; and what the work throws.
 */
export async function closeFirst<T extends { readonly warnings: readonly string[] }>(
  operation: string,
  paths: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const directories = paths.filter((path) => path !== "-").map(directoryOf);
  const recovered = await recoverFirst({ directories: [...new Set(directories)], operation });
  const result = await afterRecovery(recovered, work);
  return { ...result, warnings: [...recovered.flatMap(told), ...result.warnings] };
}

function directoryOf(path: string): string {
  return dirname(pathExists(path) ? resolveTarget(path) : path);
}

function told({ operation, outcome, left }: Recovery): readonly string[] {
  const files = left.map(
    (file) => `${file} was changed by somebody else meanwhile, and was left as it is`,
  );
  return [`an interrupted ${operation} was ${outcome} first`, ...files];
}
