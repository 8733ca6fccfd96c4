/** Files that hold a secret in plain sight and are open to others. */
import type { ConfigSecret } from "@proxmox-mcp/crypto/config";
import type { FileStat, LoadedKeys, TextFile } from "@proxmox-mcp/crypto/files";
import type { HealthWarning } from "./report.ts";

/** Warns of a loose config with plain secrets, and passes on what was found about key files. */
export function warnOfModes(
  file: TextFile | undefined,
  secrets: readonly ConfigSecret[],
  keys: LoadedKeys | undefined,
): readonly HealthWarning[] {
  const warnings = (keys?.warnings ?? []).map((message) => ({
    code: "LOOSE_MODE" as const,
    message,
    where: {},
  }));
  if (file === undefined || !secrets.some(isInPlainSight) || !isLoose(file.stat)) return warnings;
  const mode = file.stat.mode.toString(8).padStart(3, "0");
  return [
    ...warnings,
    {
      code: "LOOSE_MODE",
      message: `the config holds a plain secret and is open to others (mode ${mode})`,
      where: { file: file.path },
      hint: `chmod 600 ${file.path}`,
    },
  ];
}

function isInPlainSight({ state }: ConfigSecret): boolean {
  return state === "plain" || state === "plain-default";
}

/** A file of root that a group may only read is what Kubernetes mounts from a Secret. */
function isLoose({ mode, uid }: FileStat): boolean {
  // The modes that Node shows on Windows say nothing of its access control lists.
  if (process.platform === "win32" || (mode & 0o077) === 0) return false;
  return uid !== 0 || (mode & 0o037) !== 0;
}
