/** Commands that write one file close an interrupted run before they read what they work on. */
import { dirname } from "node:path";
import { pathExists, type Recovery, recoverFirst, resolveTarget } from "@proxmox-mcp/crypto/files";
import { leftAlone } from "./render/recovery.ts";
import { afterRecovery } from "./rotation/after-recovery.ts";

/** What a command found open and closed, beside its own result. */
export interface ClosedFirst {
  /** What earlier runs had left open; the warnings tell of it too. */
  readonly recovered: readonly Recovery[];
}

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
): Promise<T & ClosedFirst> {
  const directories = paths.filter((path) => path !== "-").map(directoryOf);
  const recovered = await recoverFirst({ directories: [...new Set(directories)], operation });
  const result = await afterRecovery(recovered, work);
  return { ...result, recovered, warnings: [...recovered.flatMap(told), ...result.warnings] };
}

function directoryOf(path: string): string {
  return dirname(pathExists(path) ? resolveTarget(path) : path);
}

function told({ operation, outcome, left }: Recovery): readonly string[] {
  return [`an interrupted ${operation} was ${outcome} first`, ...left.map(leftAlone)];
}
